@dimensions many
@data
1