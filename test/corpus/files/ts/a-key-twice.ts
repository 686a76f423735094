@missing false
@missing false
@data
1