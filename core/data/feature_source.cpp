#include "data/feature_source.h"

#include "base/require.h"

#include <ATen/ATen.h>

namespace clipscope::data {

Result<at::Tensor> ShardFeatures::vectors(
    std::int64_t videoId, std::string_view name, std::int64_t seconds) const
{
    const auto view = m_reader.find(videoId);
    CLIP_REQUIRE(view && view->seconds == seconds, std::string(name));
    // The mapped shard is only read from; from_blob() has no const form.
    return at::from_blob(
        const_cast<std::uint16_t*>(view->halves.data()), { seconds, view->dim }, at::kHalf);
}

} // namespace clipscope::data
