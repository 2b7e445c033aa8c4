#pragma once

#include <string>
#include <vector>

namespace clipscope::media {

/// What turns packets into pictures.
enum class DecodeWish {
    Auto, ///< the graphics card where there is one that can, else the processor
    Software, ///< the processor
};
/// "auto", "software": as in settings.
std::vector<std::string> decodeWishNames();

/// What decoding is done by on this machine, asked once per process.
struct HardwareDecoder
{
    std::string name; ///< "cuda" or "vaapi"; empty: none
    std::string whyNot; ///< what FFmpeg said where there is none
};
/// Threads: any thread at once. Cost: opens a device the first time.
const HardwareDecoder& hardwareDecoder();

} // namespace clipscope::media
