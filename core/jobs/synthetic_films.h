#pragma once

#include "text/caption.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::jobs {

// What a made collection shows and tells, before anything is written. Private to the module.

/// A colour, a shape and an action, as indices into their words.
struct SceneKind
{
    static constexpr int colours = 8, shapes = 6, actions = 10;
    static constexpr int count = colours * shapes * actions;

    int colour = 0, shape = 0, action = 0;
    bool operator==(const SceneKind&) const = default;
    /// Range: number in [0, count).
    static SceneKind fromNumber(int number);
    int number() const { return (colour * shapes + shape) * actions + action; }
    /// "red-circle-moves-left": no two kinds have one name.
    std::string fileName() const;
};

/// One thing at its action, on its own until the next.
/// Units: frames of the film, half-open [beginFrame, endFrame).
struct Scene
{
    SceneKind kind;
    std::int64_t beginFrame = 0, endFrame = 0;
    std::uint64_t seed = 0; ///< of size, place, speed and tint
};

/// One film as it will be drawn and narrated.
struct FilmPlan
{
    std::string file; ///< relative to the collection, with '/'
    std::vector<Scene> scenes; ///< in order of time
    std::vector<text::Caption> captions; ///< one a scene, ordered by start
    std::int64_t frames = 0;
    std::uint64_t seed = 0; ///< of the background
};

/// What a collection is made of. Equal settings and seed give an equal plan.
struct CollectionPlan
{
    static constexpr int heldOutKinds = 77;
    static constexpr int sidePixels = 96, framesPerSecond = 12;

    /// None of their scenes is of a held-out kind; captions are shifted.
    std::vector<FilmPlan> training;
    /// One scene each, every held-out kind once; captions have the scene's own times.
    std::vector<FilmPlan> heldOut;
};

struct CollectionRecipe
{
    std::int64_t videos = 200; ///< of training
    std::int64_t scenesPerFilm = 8;
    double maxShiftSeconds = 3.0; ///< by which a caption is before or behind its scene
    std::uint64_t seed = 1;
};

/// Threads: any thread at once.
CollectionPlan planCollection(const CollectionRecipe& recipe);

/// Every word of any caption, as a WordPiece vocabulary: special tokens first, one a line. The same
/// for all collections.
std::string collectionVocabulary();

/// Draws frame `frame` of a film. Shapes: `rgb` is [sidePixels, sidePixels, 3].
void drawFrame(const FilmPlan& film, std::int64_t frame, std::span<std::uint8_t> rgb);

} // namespace clipscope::jobs
