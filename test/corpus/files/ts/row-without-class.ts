@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@data
1,2:1,2:up
1,2:1,2