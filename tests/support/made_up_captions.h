#pragma once

#include "data/captioned_video.h"

#include <string>
#include <vector>

namespace clipscope::test {

/// A captioned video that owns what its view shows.
class MadeUpVideo
{
public:
    MadeUpVideo(std::int64_t id, std::string contentHash, std::int64_t seconds)
        : m_id(id)
        , m_contentHash(std::move(contentHash))
        , m_seconds(seconds)
    {
    }
    void add(double start, double stop, const std::vector<std::int32_t>& ids)
    {
        m_captions.add(start, stop, ids);
    }
    /// Valid as long as this and until the next add().
    data::CaptionedVideo view() const
    {
        return { m_id, "a.mp4", m_contentHash, m_seconds, m_captions.list() };
    }

private:
    std::int64_t m_id;
    std::string m_contentHash;
    std::int64_t m_seconds;
    store::CaptionTable m_captions;
};

/// A list of these.
class MadeUpVideos final : public data::VideoList
{
public:
    explicit MadeUpVideos(std::vector<MadeUpVideo> videos)
        : m_videos(std::move(videos))
    {
    }
    std::int64_t count() const override { return static_cast<std::int64_t>(m_videos.size()); }
    data::CaptionedVideo video(std::int64_t index) const override
    {
        return m_videos.at(static_cast<std::size_t>(index)).view();
    }

private:
    std::vector<MadeUpVideo> m_videos;
};

} // namespace clipscope::test
