@classLabel yes a b
@data
1