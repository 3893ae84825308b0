Network n { Layer D { Type: DSCONV
Dimensions { C: 6 R: 3 S: 3 Y': 5 X': 6 }
Dataflow { SpatialMap(2,2) C; TemporalMap(1,1) Y'; TemporalMap(3,3) X'; TemporalMap(3,3) R; TemporalMap(3,3) S;
Cluster(3,L); SpatialMap(1,1) Y'; TemporalMap(1,1) C; TemporalMap(1,1) X'; TemporalMap(3,3) R; TemporalMap(3,3) S; } } }
