@dimensions 99999999
@data
1