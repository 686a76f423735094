@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@data
1,2:sideways