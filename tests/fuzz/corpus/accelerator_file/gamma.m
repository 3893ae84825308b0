NumPEs: 168
L1Size: 512
L2Size: -1
NoC_BW: -1 // unlimited
mac_energy_nj: 2.3e-4
arbiter_c0: -23.7
