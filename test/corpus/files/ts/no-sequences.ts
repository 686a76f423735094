@problemName Toy
@timeStamps false
@univariate false
@classLabel true up down
@data
# none
