#pragma once

// Private to this module: decoding on a graphics card through FFmpeg's hardware contexts.

#include "media/decode_options.h"
#include "media/ffmpeg_handles.h"

namespace clipscope::media {

/// Lets a codec that is not open yet decode on the card; false where it cannot, the codec then
/// stays as it is. A stream that the card turns out not to know is decoded by the processor.
bool useHardware(AVCodecContext& codec, const AVCodec& decoder);
/// Brings a picture that lies in the card's memory into main memory; others stay as they are.
/// False when the card failed.
bool download(AVFrame& picture);

} // namespace clipscope::media
