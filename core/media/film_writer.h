#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>

namespace clipscope::media {

/// Size and rate of a film to be written.
struct FilmFormat
{
    int widthPixels = 96, heightPixels = 96; ///< even
    int framesPerSecond = 12;
};

/// Writes a small film without sound: MPEG-4 Visual, the container follows the file name (.mp4).
///
/// Equal pictures give equal bytes with one version of FFmpeg: one thread, no dates, no version
/// names. A film that is not finished leaves no file.
/// Threads: one thread at a time; several writers at once.
class FilmWriter final
{
public:
    /// Errors: BadInput (odd or empty size, rate below 1), Io, Unsupported (no such encoder or
    /// container in this FFmpeg), Conflict when there is such a file already.
    static Result<FilmWriter> create(const std::filesystem::path& path, const FilmFormat& format);
    FilmWriter(FilmWriter&&) noexcept;
    FilmWriter& operator=(FilmWriter&&) noexcept;
    ~FilmWriter();

    /// The next frame. Shapes: `rgb` is [height, width, 3]. Errors: Io.
    Status add(std::span<const std::uint8_t> rgb);
    /// Writes what is still in the encoder and the end of the file; the last call. Errors: Io.
    Status finish();

private:
    struct Impl;
    explicit FilmWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::media
