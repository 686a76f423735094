@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@missing true
@data
?,?:1,1:up
