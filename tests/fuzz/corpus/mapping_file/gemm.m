Accelerator { PE { NumPEs: 4; } }
Network g { Layer G { Type: GEMM Dimensions { M: 9, N: 8, K: 7 }
Dataflow { TemporalMap(2,2) N; SpatialMap(1,1) M; TemporalMap(Sz(K),Sz(K)) K; } } }
