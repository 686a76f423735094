@dimensions 1e999
@data
1