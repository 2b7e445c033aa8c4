#pragma once

#include <cstdio>
#include <string>

namespace clipscope {

/// A number with so many digits behind the point: "0.042".
inline std::string fixed(double value, int digits)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

} // namespace clipscope
