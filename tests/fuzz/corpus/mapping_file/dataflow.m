Constant T 2;
Dataflow {
SpatialMap(1,1) K;
TemporalMap(9,T) C;
TemporalMap(Sz(R),1) Y;
Cluster(2,P);
SpatialMap(4,4) X';
}
