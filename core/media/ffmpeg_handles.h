#pragma once

// Private to this module: FFmpeg's objects as unique_ptrs.

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

namespace clipscope::media {

struct FreeHandle
{
    void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
    void operator()(SwrContext* resampler) const { swr_free(&resampler); }
    void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};

using FormatHandle = std::unique_ptr<AVFormatContext, FreeHandle>;
using CodecHandle = std::unique_ptr<AVCodecContext, FreeHandle>;
using FrameHandle = std::unique_ptr<AVFrame, FreeHandle>;
using PacketHandle = std::unique_ptr<AVPacket, FreeHandle>;
using ScalerHandle = std::unique_ptr<SwsContext, FreeHandle>;
using ResamplerHandle = std::unique_ptr<SwrContext, FreeHandle>;
using GraphHandle = std::unique_ptr<AVFilterGraph, FreeHandle>;

inline FrameHandle newFrame()
{
    return FrameHandle(av_frame_alloc());
}
inline PacketHandle newPacket()
{
    return PacketHandle(av_packet_alloc());
}

} // namespace clipscope::media
