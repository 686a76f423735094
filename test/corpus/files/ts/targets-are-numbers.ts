@targetLabel true
@data
1:2