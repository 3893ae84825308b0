Constant T 4;
// two cluster levels, then a copy of them
Network net {
  Layer A {
    Type: CONV
    Stride { X: 2, Y: 2 }
    Dimensions { K: 8, C: T, R: 3, S: 3, Y: 17, X: 17 }
    Dataflow {
      SpatialMap(1,1) K;
      TemporalMap(T,T) C;
      TemporalMap(Sz(R),Sz(R)) R;
      TemporalMap(Sz(S),Sz(S)) S;
      TemporalMap(Sz(R),2) Y;
      TemporalMap(5,5) X';
      Cluster(2, P);
      SpatialMap(1,1) C;
    }
  }
  Layer B-1 { Type: NGCONV Dimensions { N 1,G 2,K 4,C 4,R 1,S 1,Y 8,X 8 } }
}
