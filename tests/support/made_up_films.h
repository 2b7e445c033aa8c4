#pragma once

#include "base/half.h"
#include "base/hash.h"
#include "base/random.h"
#include "store/feature_shards.h"
#include "store/project.h"

#include <string>
#include <vector>

namespace clipscope::test {

/// Films of four seconds a scene; a scene shows one of eight things, the features are that thing's
/// direction with noise, and the caption names it. Something to learn in a minute.
struct MadeUpFilms
{
    int films = 12;
    int scenes = 4;
    std::int64_t featureWidth = 16;
    std::string encoder = "made-up";
    bool withNaN = false; ///< one number of every film is none
};

/// Vocabulary of the captions of MadeUpFilms.
inline std::string madeUpVocabulary()
{
    return "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]"
           "\nhere\nis\na\nfish\nboat\ntree\nhorse\nbread\ncloud\n"
           "wheel\nlamp\n";
}

/// Makes the project with catalogue and features, as import and extract would.
inline Status makeFilms(const std::filesystem::path& folder, const MadeUpFilms& films)
{
    static constexpr const char* things[]
        = { "fish", "boat", "tree", "horse", "bread", "cloud", "wheel", "lamp" };
    CLIP_TRY_ASSIGN(auto project, store::Project::create(folder));
    CLIP_TRY_ASSIGN(auto writer,
        store::FeatureWriter::open(project.featuresFolder(films.encoder),
            { films.encoder, "made-up-1", films.featureWidth, Json::object() }));
    const auto width = static_cast<std::size_t>(films.featureWidth);
    for (int film = 0; film < films.films; ++film) {
        Random random({ 99, static_cast<std::uint64_t>(film) });
        const std::int64_t seconds = films.scenes * 4;
        store::NewVideo video;
        video.record.path = "/films/film" + std::to_string(film) + ".mp4";
        video.record.contentHash = hashOf(std::to_string(film));
        video.record.durationSeconds = static_cast<double>(seconds);
        video.record.frameCount = seconds * 25;
        std::vector<std::uint16_t> halves;
        for (int scene = 0; scene < films.scenes; ++scene) {
            const auto thing = static_cast<std::size_t>(random.uniformInteger(0, 7));
            video.captions.push_back({ scene * 4.0, scene * 4.0 + 4.0,
                std::string("Here is a ") + things[thing], "stream:2" });
            for (int second = 0; second < 4; ++second)
                for (std::size_t at = 0; at < width; ++at)
                    halves.push_back(halfFromFloat((at % 8 == thing ? 2.0f : 0.0f)
                        + 0.3f * static_cast<float>(random.uniform() - 0.5)));
        }
        if (films.withNaN)
            halves[0] = 0x7E00;
        CLIP_TRY_ASSIGN(const auto id, project.catalogue().addVideo(video));
        CLIP_TRY(writer.append(id, video.record.contentHash, halves, seconds));
    }
    return {};
}

} // namespace clipscope::test
