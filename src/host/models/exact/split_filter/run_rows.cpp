#include "models/exact/split_filter/run_rows.hpp"

namespace cugamma::exact::split {

template class spaced_rows<std::int64_t, 4>;
template class spaced_rows<std::int64_t, 7>;
template class spaced_rows<std::int64_t, 10>;

}  // namespace cugamma::exact::split
