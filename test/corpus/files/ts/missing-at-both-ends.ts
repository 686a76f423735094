@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@missing true
@data
?,2,?,4,NaN:1,1,1,1,1:up
