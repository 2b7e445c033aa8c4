#pragma once

#include "base/hash.h"
#include "store/project.h"

namespace clipscope::test {

/// A new project whose catalogue knows one film, /films/dog.mp4.
inline Status makeOneFilmProject(const std::filesystem::path& folder)
{
    CLIP_TRY_ASSIGN(auto project, store::Project::create(folder));
    store::NewVideo video;
    video.record.contentHash = hashOf("a");
    video.record.path = "/films/dog.mp4";
    CLIP_TRY(project.catalogue().addVideo(video));
    return {};
}

} // namespace clipscope::test
