@classLabel true
@data
1:a