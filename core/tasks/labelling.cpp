#include "tasks/labelling.h"

#include "base/require.h"
#include "tasks/score_blocks.h"
#include "tasks/search_session.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace clipscope::tasks {

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Texts embedded between two looks at the stop token: a tenth of a second with the paper's tower.
constexpr std::size_t textsAtOnce = 8;
/// Texts kept although no label says them any more: wordings come back while a person tries.
constexpr std::size_t mostKeptTexts = 4096;

struct KnownText
{
    std::vector<float> vector;
    bool cut = false; ///< longer than the model reads
};
using KnownTexts = std::map<std::string, KnownText, std::less<>>;

Status checkNames(const labels::LabelSet& set)
{
    if (set.labels.empty())
        return fail(ErrorKind::BadInput, "The label set \"" + set.name + "\" has no labels.");
    std::set<std::string_view> names;
    for (const labels::Label& label : set.labels)
        if (!names.insert(label.name).second)
            return fail(ErrorKind::BadInput,
                "The label set \"" + set.name + "\" has two labels \"" + label.name + "\".");
    return {};
}

/// Says which label has the text that the model refuses.
Error ofLabel(Error error, const labels::LabelSet& set, const EmbeddingModel& model)
{
    for (const labels::Label& label : set.labels)
        for (const std::string& text : set.textsOf(label))
            if (const auto alone = model.embedTexts({ &text, 1 });
                !alone && alone.error().kind == ErrorKind::BadInput)
                return Error{ ErrorKind::BadInput,
                    "The label \"" + label.name + "\" has a wording without words: \"" + text
                        + "\".",
                    {}, {}, "Give it at least one word." };
    return error;
}

} // namespace

struct Labeller::Impl
{
    explicit Impl(const SearchSession& of)
        : session(of)
    {
    }

    const SearchSession& session;
    labels::LabelSet set;
    std::vector<float> vectors; ///< [L, D]
    KnownTexts texts;
    std::vector<std::string> notes; ///< of setLabelSet()
    std::int64_t textsEmbedded = 0; ///< since the last label()
    double embedMilliseconds = 0.0; ///< since the last label()

    /// Of the video labelled last.
    struct Scored
    {
        std::int64_t videoId = 0;
        std::int64_t revision = 0; ///< SearchSession::revision()
        std::vector<float> vectors; ///< [L, D]
        std::shared_ptr<const std::vector<float>> scores; ///< [T, L]
    };
    std::optional<Scored> last;

    Status embed(const std::vector<std::string>& wanted, std::stop_token stop);
    void forgetTexts(const std::set<std::string>& spoken);
    void gather(const std::set<std::string>& spoken, const labels::LabelSet& wanted);
    std::int64_t score(std::int64_t videoId, const SecondStates& states);
    double commonThreshold(const labels::SegmenterOptions& options) const;
};

Status Labeller::Impl::embed(const std::vector<std::string>& wanted, std::stop_token stop)
{
    for (std::size_t first = 0; first < wanted.size(); first += textsAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Embedding the labels was stopped.");
        const auto part
            = std::span(wanted).subspan(first, std::min(textsAtOnce, wanted.size() - first));
        CLIP_TRY_ASSIGN(const auto embedded, session.model().embedTexts(part));
        const at::Tensor rows = embedded.vectors.contiguous();
        const auto D = static_cast<std::size_t>(rows.size(1));
        const float* from = rows.const_data_ptr<float>();
        for (std::size_t i = 0; i < part.size(); ++i)
            texts[part[i]] = { { from + i * D, from + (i + 1) * D }, false };
        for (const std::size_t i : embedded.cut)
            texts[part[i]].cut = true;
        textsEmbedded += static_cast<std::int64_t>(part.size());
    }
    return {};
}

/// Takes over `wanted`, all of whose texts are known.
void Labeller::Impl::gather(const std::set<std::string>& spoken, const labels::LabelSet& wanted)
{
    const auto D = static_cast<std::size_t>(session.model().dim());
    std::vector<float> means;
    means.reserve(wanted.labels.size() * D);
    for (const labels::Label& label : wanted.labels) {
        const auto ofLabel = wanted.textsOf(label);
        std::vector<double> sum(D, 0.0);
        for (const std::string& text : ofLabel) {
            const auto& vector = texts.find(text)->second.vector;
            for (std::size_t d = 0; d < D; ++d)
                sum[d] += static_cast<double>(vector[d]);
        }
        for (const double value : sum)
            means.push_back(static_cast<float>(value / static_cast<double>(ofLabel.size())));
    }
    set = wanted;
    vectors = std::move(means);
    notes.clear();
    for (const std::string& text : spoken)
        if (texts.find(text)->second.cut)
            notes.push_back("The wording \"" + text
                + "\" is longer than the model reads; only its first words count.");
    if (texts.size() > spoken.size() + mostKeptTexts)
        std::erase_if(texts, [&](const auto& text) { return !spoken.contains(text.first); });
}

/// Brings `last` up to the video and the set; returns how many labels were scored.
std::int64_t Labeller::Impl::score(std::int64_t videoId, const SecondStates& states)
{
    const auto D = static_cast<std::size_t>(session.model().dim());
    const std::size_t L = set.labels.size(), T = static_cast<std::size_t>(states.seconds);
    const bool sameVideo = last && last->videoId == videoId && last->revision == session.revision();
    const std::size_t knownLabels = sameVideo ? last->vectors.size() / D : 0;
    std::map<std::vector<float>, std::size_t> known;
    for (std::size_t l = 0; l < knownLabels; ++l) {
        const auto from = last->vectors.begin() + static_cast<std::ptrdiff_t>(l * D);
        known.emplace(std::vector(from, from + static_cast<std::ptrdiff_t>(D)), l);
    }
    auto scores = std::make_shared<std::vector<float>>(T * L);
    std::vector<ScoreColumn> fresh;
    for (std::size_t l = 0; l < L; ++l) {
        const auto vector = std::span(vectors).subspan(l * D, D);
        const auto old = known.find(std::vector(vector.begin(), vector.end()));
        if (old == known.end()) {
            fresh.push_back({ vector, l });
            continue;
        }
        for (std::size_t t = 0; t < T; ++t)
            (*scores)[t * L + l] = (*last->scores)[t * knownLabels + old->second];
    }
    scoreColumns(states.halves, fresh, L, *scores);
    last = Scored{ videoId, session.revision(), vectors, std::move(scores) };
    return static_cast<std::int64_t>(fresh.size());
}

double Labeller::Impl::commonThreshold(const labels::SegmenterOptions& options) const
{
    if (options.threshold)
        return *options.threshold;
    if (set.labels.size() > 1)
        return largestPairProduct(vectors, set.labels.size());
    if (const float weak = session.model().weakBelow(); std::isfinite(weak))
        return static_cast<double>(weak);
    const auto& scores = *last->scores;
    return std::accumulate(scores.begin(), scores.end(), 0.0)
        / static_cast<double>(std::max<std::size_t>(scores.size(), 1));
}

Labeller::Labeller(const SearchSession& session)
    : m_impl(std::make_unique<Impl>(session))
{
}
Labeller::Labeller(Labeller&&) noexcept = default;
Labeller& Labeller::operator=(Labeller&&) noexcept = default;
Labeller::~Labeller() = default;

Status Labeller::setLabelSet(const labels::LabelSet& set, std::stop_token stop)
{
    const auto start = Clock::now();
    CLIP_TRY(checkNames(set));
    std::set<std::string> spoken;
    for (const labels::Label& label : set.labels)
        spoken.merge([&] {
            const auto texts = set.textsOf(label);
            return std::set<std::string>(texts.begin(), texts.end());
        }());
    std::vector<std::string> wanted;
    for (const std::string& text : spoken)
        if (!m_impl->texts.contains(text))
            wanted.push_back(text);
    if (const Status done = m_impl->embed(wanted, stop); !done)
        return fail(done.error().kind == ErrorKind::BadInput
                ? ofLabel(done.error(), set, m_impl->session.model())
                : done.error());
    m_impl->gather(spoken, set);
    m_impl->embedMilliseconds += millisecondsSince(start);
    return {};
}

const labels::LabelSet& Labeller::labelSet() const
{
    return m_impl->set;
}
const std::vector<float>& Labeller::labelVectors() const
{
    return m_impl->vectors;
}

Result<LabelledVideo> Labeller::label(
    std::int64_t videoId, const labels::SegmenterOptions& options, std::stop_token stop)
{
    CLIP_REQUIRE(!m_impl->set.labels.empty(), "no label set");
    const auto states = m_impl->session.statesOf(videoId);
    if (!states)
        return fail(ErrorKind::NotFound,
            "The video has no states of " + m_impl->session.checkpoint().title + " yet.", {},
            "Run `clipscope-cli extract PROJECT --encoder " + m_impl->session.checkpoint().encoder
                + "` first.");
    LabelledVideo result;
    result.videoId = videoId;
    result.seconds = static_cast<std::size_t>(states->seconds);
    result.labels = m_impl->set.labels.size();
    result.notes = m_impl->notes;
    result.textsEmbedded = std::exchange(m_impl->textsEmbedded, 0);
    result.embedMilliseconds = std::exchange(m_impl->embedMilliseconds, 0.0);
    auto start = Clock::now();
    result.labelsScored = m_impl->score(videoId, *states);
    result.scores = m_impl->last->scores;
    result.scoreMilliseconds = millisecondsSince(start);
    if (stop.stop_requested())
        return fail(ErrorKind::Cancelled, "Labelling was stopped.");
    start = Clock::now();
    result.threshold = m_impl->commonThreshold(options);
    result.thresholds = labels::thresholdsOf(m_impl->set, result.threshold);
    result.labelling
        = labels::segment({ *result.scores, result.labels }, result.thresholds, options);
    result.segmentMilliseconds = millisecondsSince(start);
    return result;
}

double largestPairProduct(const std::vector<float>& vectors, std::size_t L)
{
    if (L < 2)
        return -std::numeric_limits<double>::infinity();
    const auto count = static_cast<std::int64_t>(L);
    const auto rows = torch::from_blob(const_cast<float*>(vectors.data()),
        { count, static_cast<std::int64_t>(vectors.size()) / count }, torch::kFloat32);
    auto products = rows.mm(rows.t());
    products.fill_diagonal_(-std::numeric_limits<float>::infinity());
    return products.max().item<double>();
}

} // namespace clipscope::tasks
