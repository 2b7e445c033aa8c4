#include "text/caption.h"

#include <cmath>

namespace clipscope::text {

std::string captionTimesProblem(double startSeconds, double stopSeconds)
{
    if (!std::isfinite(startSeconds) || !std::isfinite(stopSeconds))
        return "the times are not numbers";
    if (startSeconds < 0.0)
        return "it starts before 0";
    if (stopSeconds < startSeconds)
        return "it ends before it starts";
    return {};
}

} // namespace clipscope::text
