@classLabel true __proto__ constructor
@data
1:__proto__
2:constructor
