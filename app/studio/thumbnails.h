#pragma once

#include "widgets/results/thumbnail_source.h"

#include <filesystem>
#include <memory>

namespace clipscope::studio {

/// Thumbnails of a project's videos with two caches: recent ones in memory, all of them in the
/// project's thumbnails folder, one JPEG per content hash, time and size. A damaged one is made
/// again; a folder that cannot be written only costs time.
///
/// Decodes on its own thread, newest wish first.
/// Errors:  a picture that cannot be made is a null image, once.
/// Threads: GUI thread only; the destructor waits for at most one picture.
class Thumbnails final : public widgets::ThumbnailSource
{
    Q_OBJECT

public:
    explicit Thumbnails(QObject* parent = nullptr);
    ~Thumbnails() override;

    /// Forgets everything in memory and serves another project; an empty folder serves none.
    void setProject(const std::filesystem::path& folder);
    QImage thumbnail(const widgets::ThumbnailKey& key) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::studio
