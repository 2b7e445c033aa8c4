#include "media/hardware_decoding.h"

#include <array>

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace clipscope::media {

namespace {

struct FreeDevice
{
    void operator()(AVBufferRef* device) const { av_buffer_unref(&device); }
};

/// The first device that opens; it stays open, as opening takes a second on some drivers.
struct Device
{
    HardwareDecoder said;
    AVHWDeviceType type = AV_HWDEVICE_TYPE_NONE;
    std::unique_ptr<AVBufferRef, FreeDevice> handle;

    Device()
    {
        // FFmpeg prints why a device does not open; whyNot says it.
        const int level = av_log_get_level();
        av_log_set_level(AV_LOG_QUIET);
        for (const AVHWDeviceType each : { AV_HWDEVICE_TYPE_CUDA, AV_HWDEVICE_TYPE_VAAPI }) {
            AVBufferRef* opened = nullptr;
            const int code = av_hwdevice_ctx_create(&opened, each, nullptr, nullptr, 0);
            if (code >= 0) {
                type = each;
                handle.reset(opened);
                said = { av_hwdevice_get_type_name(each), {} };
                break;
            }
            std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
            av_strerror(code, text.data(), text.size());
            said.whyNot += (said.whyNot.empty() ? "" : "; ")
                + std::string(av_hwdevice_get_type_name(each)) + ": " + text.data();
        }
        av_log_set_level(level);
    }
};

const Device& device()
{
    static const Device opened;
    return opened;
}

bool knows(const AVCodec& decoder, AVHWDeviceType type)
{
    for (int i = 0;; ++i) {
        const AVCodecHWConfig* config = avcodec_get_hw_config(&decoder, i);
        if (!config)
            return false;
        if ((config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0
            && config->device_type == type)
            return true;
    }
}

} // namespace

std::vector<std::string> decodeWishNames()
{
    return { "auto", "software" };
}

const HardwareDecoder& hardwareDecoder()
{
    return device().said;
}

bool useHardware(AVCodecContext& codec, const AVCodec& decoder)
{
    if (!device().handle || !knows(decoder, device().type))
        return false;
    // FFmpeg's own choice of the format takes the device's, and another when the card refuses.
    codec.hw_device_ctx = av_buffer_ref(device().handle.get());
    codec.thread_count = 1; // the card works by itself
    return codec.hw_device_ctx != nullptr;
}

bool download(AVFrame& picture)
{
    if (!picture.hw_frames_ctx)
        return true;
    const FrameHandle here = newFrame();
    if (av_hwframe_transfer_data(here.get(), &picture, 0) < 0
        || av_frame_copy_props(here.get(), &picture) < 0)
        return false;
    av_frame_unref(&picture);
    av_frame_move_ref(&picture, here.get());
    return true;
}

} // namespace clipscope::media
