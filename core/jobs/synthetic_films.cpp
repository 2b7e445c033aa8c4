#include "jobs/synthetic_films.h"

#include "base/random.h"
#include "base/require.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <sstream>

namespace clipscope::jobs {

namespace {

// Keys that keep the draws for one purpose apart from those for another.
constexpr std::uint64_t kindsKey = 1, trainingKey = 2, heldOutKey = 3, wordsKey = 4;

constexpr std::array<std::string_view, SceneKind::colours> colourWords{ "red", "green", "blue",
    "yellow", "purple", "orange", "white", "cyan" };
constexpr std::array<std::string_view, SceneKind::shapes> shapeWords{ "circle", "square",
    "triangle", "star", "cross", "ring" };

/// Two ways to say each action.
constexpr std::array<std::array<std::string_view, 2>, SceneKind::actions> actionWords{ {
    { "moves left", "goes to the left" },
    { "moves right", "goes to the right" },
    { "moves up", "rises" },
    { "moves down", "falls" },
    { "grows", "gets bigger" },
    { "shrinks", "gets smaller" },
    { "blinks", "flashes on and off" },
    { "spins", "turns around" },
    { "bounces", "hops" },
    { "orbits", "goes round" },
} };

/// C, S and A stand for colour, shape and action.
constexpr std::array<std::string_view, 6> sentences{ "the C S A", "a C S A", "now the C S A",
    "here you see a C S that A", "look at the C S it A", "and this S is C and it A" };

std::vector<std::string> wordsOf(std::string_view text)
{
    std::istringstream stream{ std::string(text) };
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::string sentenceFor(const SceneKind& kind, Random& random)
{
    const auto any = [&](const auto& list) {
        return list[static_cast<std::size_t>(
            random.uniformInteger(0, static_cast<std::int64_t>(list.size()) - 1))];
    };
    const std::string_view action = any(actionWords[static_cast<std::size_t>(kind.action)]);
    std::string text;
    for (const std::string& word : wordsOf(any(sentences))) {
        text += text.empty() ? "" : " ";
        if (word == "C")
            text += colourWords[static_cast<std::size_t>(kind.colour)];
        else if (word == "S")
            text += shapeWords[static_cast<std::size_t>(kind.shape)];
        else if (word == "A")
            text += action;
        else
            text += word;
    }
    return text;
}

/// Times in files have two decimals.
double rounded(double seconds)
{
    return std::round(seconds * 100.0) / 100.0;
}

double between(Random& random, double low, double high)
{
    return low + (high - low) * random.uniform();
}

constexpr double secondsOf(std::int64_t frames)
{
    return static_cast<double>(frames) / CollectionPlan::framesPerSecond;
}

/// A film dwells on one colour, one shape or one action: half of its scenes have it. Films on the
/// same topic are each other's hard negatives.
class Topic final
{
public:
    explicit Topic(Random& random)
        : m_which(random.uniformInteger(0, 2))
        , m_kind(SceneKind::fromNumber(
              static_cast<int>(random.uniformInteger(0, SceneKind::count - 1))))
    {
    }
    bool fits(const SceneKind& kind) const
    {
        if (m_which == 0)
            return kind.colour == m_kind.colour;
        return m_which == 1 ? kind.shape == m_kind.shape : kind.action == m_kind.action;
    }

private:
    std::int64_t m_which;
    SceneKind m_kind;
};

FilmPlan trainingFilm(
    const CollectionRecipe& recipe, std::int64_t number, const std::vector<SceneKind>& kinds)
{
    constexpr std::int64_t shortest = 60, longest = 96, longestGap = 12; // frames
    Random random({ recipe.seed, trainingKey, static_cast<std::uint64_t>(number) });
    const Topic topic(random);
    std::vector<SceneKind> onTopic;
    std::copy_if(kinds.begin(), kinds.end(), std::back_inserter(onTopic),
        [&](const SceneKind& kind) { return topic.fits(kind); });
    FilmPlan film;
    const std::string digits = std::to_string(number + 1);
    film.file
        = "film-" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits + ".mp4";
    film.seed = random.next();
    // The speaker is early or late as a whole, and a little more or less at each line.
    const double filmShift = between(random, -2.0 / 3.0, 2.0 / 3.0) * recipe.maxShiftSeconds;
    std::vector<double> shifts;
    for (std::int64_t scene = 0; scene < recipe.scenesPerFilm; ++scene) {
        const auto& from = !onTopic.empty() && random.coin() ? onTopic : kinds;
        const SceneKind kind = from[static_cast<std::size_t>(
            random.uniformInteger(0, static_cast<std::int64_t>(from.size()) - 1))];
        const std::int64_t begin = film.frames + random.uniformInteger(0, longestGap);
        film.scenes.push_back(
            { kind, begin, begin + random.uniformInteger(shortest, longest), random.next() });
        film.frames = film.scenes.back().endFrame;
        shifts.push_back(
            filmShift + between(random, -1.0 / 3.0, 1.0 / 3.0) * recipe.maxShiftSeconds);
    }
    Random words({ recipe.seed, wordsKey, static_cast<std::uint64_t>(number) });
    for (std::size_t at = 0; at < film.scenes.size(); ++at) {
        const Scene& scene = film.scenes[at];
        const auto inside = [&](std::int64_t frame) {
            return rounded(std::clamp(secondsOf(frame) + shifts[at], 0.0, secondsOf(film.frames)));
        };
        text::Caption caption{ inside(scene.beginFrame), inside(scene.endFrame),
            sentenceFor(scene.kind, words) };
        film.captions.push_back(std::move(caption));
    }
    return film;
}

FilmPlan heldOutFilm(const CollectionRecipe& recipe, const SceneKind& kind)
{
    constexpr std::int64_t frames = 72;
    Random random({ recipe.seed, heldOutKey, static_cast<std::uint64_t>(kind.number()) });
    FilmPlan film;
    film.file = "held-out/" + kind.fileName() + ".mp4";
    film.seed = random.next();
    film.frames = frames;
    film.scenes.push_back({ kind, 0, frames, random.next() });
    film.captions.push_back({ 0.0, secondsOf(frames), sentenceFor(kind, random) });
    return film;
}

} // namespace

SceneKind SceneKind::fromNumber(int number)
{
    CLIP_REQUIRE(number >= 0 && number < count, std::to_string(number));
    return { number / (shapes * actions), number / actions % shapes, number % actions };
}

std::string SceneKind::fileName() const
{
    std::string name = std::string(colourWords[static_cast<std::size_t>(colour)]) + "-"
        + std::string(shapeWords[static_cast<std::size_t>(shape)]) + "-"
        + std::string(actionWords[static_cast<std::size_t>(action)][0]);
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

CollectionPlan planCollection(const CollectionRecipe& recipe)
{
    std::vector<SceneKind> kinds;
    kinds.reserve(SceneKind::count);
    for (int number = 0; number < SceneKind::count; ++number)
        kinds.push_back(SceneKind::fromNumber(number));
    Random random({ recipe.seed, kindsKey });
    for (std::size_t at = kinds.size(); at > 1; --at)
        std::swap(kinds[at - 1],
            kinds[static_cast<std::size_t>(
                random.uniformInteger(0, static_cast<std::int64_t>(at) - 1))]);
    const std::vector<SceneKind> heldOut(
        kinds.begin(), kinds.begin() + CollectionPlan::heldOutKinds);
    const std::vector<SceneKind> shown(kinds.begin() + CollectionPlan::heldOutKinds, kinds.end());

    CollectionPlan plan;
    for (std::int64_t film = 0; film < recipe.videos; ++film)
        plan.training.push_back(trainingFilm(recipe, film, shown));
    for (const SceneKind& kind : heldOut)
        plan.heldOut.push_back(heldOutFilm(recipe, kind));
    return plan;
}

std::string collectionVocabulary()
{
    std::set<std::string> words;
    const auto take = [&](std::string_view text) {
        for (std::string& word : wordsOf(text))
            if (word != "C" && word != "S" && word != "A")
                words.insert(std::move(word));
    };
    for (const auto& list : actionWords)
        for (const std::string_view text : list)
            take(text);
    std::for_each(colourWords.begin(), colourWords.end(), take);
    std::for_each(shapeWords.begin(), shapeWords.end(), take);
    std::for_each(sentences.begin(), sentences.end(), take);
    std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const std::string& word : words)
        vocabulary += word + "\n";
    return vocabulary;
}

} // namespace clipscope::jobs
