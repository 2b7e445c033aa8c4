#include "store/records.h"

#include <algorithm>
#include <cmath>

namespace clipscope::store {

std::int64_t VideoRecord::seconds() const
{
    // Times are sums of rational frame times: 4.0000000001 s are four seconds, not five.
    const auto whole = static_cast<std::int64_t>(std::ceil(durationSeconds - 1e-6));
    return std::max<std::int64_t>(whole, frameCount > 0 ? 1 : 0);
}

} // namespace clipscope::store
