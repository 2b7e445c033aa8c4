#include "model/flat_volumes.h"

#include <ATen/ATen.h>

namespace clipscope::model {

namespace {

at::Tensor channelsLast(const at::Tensor& volumes)
{
    return volumes.permute({ 0, 2, 3, 4, 1 }).contiguous(); // [N, T, H, W, C]
}

} // namespace

at::Tensor framesOf(const at::Tensor& volumes)
{
    return channelsLast(volumes).flatten(0, 1).permute({ 0, 3, 1, 2 });
}

at::Tensor fromFrames(const at::Tensor& frames, std::int64_t N)
{
    return frames.permute({ 0, 2, 3, 1 })
        .contiguous()
        .unflatten(0, { N, -1 })
        .permute({ 0, 4, 1, 2, 3 });
}

at::Tensor columnsOf(const at::Tensor& volumes)
{
    return channelsLast(volumes).flatten(2, 3).permute({ 0, 3, 1, 2 });
}

at::Tensor fromColumns(const at::Tensor& columns, std::int64_t H)
{
    return columns.permute({ 0, 2, 3, 1 })
        .contiguous()
        .unflatten(2, { H, -1 })
        .permute({ 0, 4, 1, 2, 3 });
}

} // namespace clipscope::model
