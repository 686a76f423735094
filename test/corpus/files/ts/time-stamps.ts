@timeStamps true
@classLabel true a b
@data
(0,1):a