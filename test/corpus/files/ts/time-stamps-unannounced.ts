@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@data
(0,1),(1,2):up