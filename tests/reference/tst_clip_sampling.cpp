#include "base/json.h"
#include "base/random.h"
#include "data/clip_sampler.h"
#include "support/made_up_captions.h"
#include "support/verify.h"
#include "train/optimiser.h"

#include <cmath>
#include <functional>
#include <map>

using namespace clipscope;

namespace {

using Histogram = std::map<std::int64_t, double>;

test::MadeUpVideo videoOf(const Json& json)
{
    test::MadeUpVideo video(0, {}, json["video_seconds"].get<std::int64_t>());
    for (std::size_t at = 0; at < json["start"].size(); ++at)
        video.add(json["start"][at].get<double>(), json["end"][at].get<double>(),
            std::vector<std::int32_t>(json["tokens"][at].get<std::size_t>(), 7));
    return video;
}

/// Two-sample chi-square of two histograms as a normal deviate (Wilson and Hilferty); bins that
/// are rare in both are put together.
double deviate(const Histogram& ours, const Json& theirs)
{
    Histogram other;
    for (const auto& [value, count] : theirs.items())
        other[std::stoll(value)] = count.get<double>();
    std::map<std::int64_t, std::pair<double, double>> bins;
    double oursTotal = 0.0, theirsTotal = 0.0;
    for (const auto& [value, count] : ours)
        bins[value].first = count, oursTotal += count;
    for (const auto& [value, count] : other)
        bins[value].second = count, theirsTotal += count;
    std::pair<double, double> rare{ 0.0, 0.0 };
    double chiSquare = 0.0, freedom = -1.0;
    const auto add = [&](const std::pair<double, double>& bin) {
        const double difference = std::sqrt(theirsTotal / oursTotal) * bin.first
            - std::sqrt(oursTotal / theirsTotal) * bin.second;
        chiSquare += difference * difference / (bin.first + bin.second);
        freedom += 1.0;
    };
    for (const auto& [value, bin] : bins) {
        if (bin.first + bin.second >= 40.0) {
            add(bin);
        } else {
            rare.first += bin.first;
            rare.second += bin.second;
        }
    }
    if (rare.first + rare.second > 0.0)
        add(rare);
    if (freedom < 1.0)
        return 0.0;
    const double k = 2.0 / (9.0 * freedom);
    return (std::cbrt(chiSquare / freedom) - (1.0 - k)) / std::sqrt(k);
}

/// Counts what every kind of pair has.
void countIn(std::map<std::string, Histogram>& histograms, const data::ClipPair& pair,
    const data::CaptionedVideo& video, std::int64_t maxTokens)
{
    const std::int64_t tokens = data::tokenCount(video, pair.captionBegin, pair.captionEnd);
    histograms["text_start"][pair.captionBegin] += 1;
    histograms["num_captions"][pair.captionEnd - pair.captionBegin] += 1;
    histograms["text_tokens_before_cut"][tokens] += 1;
    histograms["text_tokens"][std::min(tokens, maxTokens)] += 1;
    histograms["video_start"][pair.secondBegin] += 1;
    histograms["video_seconds"][pair.secondEnd - pair.secondBegin] += 1;
}

} // namespace

class TestClipSampling final : public QObject
{
    Q_OBJECT

private:
    Json m_distribution, m_layout;

private Q_SLOTS:
    void initTestCase()
    {
        const auto folder = test::fixturesFolder();
        if (!std::filesystem::exists(folder / "clips_distribution.json"))
            QSKIP("the parity fixtures are not here; set CLIPSCOPE_FIXTURES");
        const auto distribution = readJson(folder / "clips_distribution.json");
        QVERIFY_RESULT(distribution);
        m_distribution = *distribution;
        const auto layout = readJson(folder / "data_layout.json");
        QVERIFY_RESULT(layout);
        m_layout = *layout;
    }
    void init() { test::failOnAnyWarning(); }

    void overlappedPairsHaveTheDistributionOfTheReference()
    {
        const Json& settings = m_distribution["settings"];
        data::SamplingConfig config;
        config.textBudgetLow = settings["text_budget"][0].get<std::int64_t>();
        config.textBudgetHigh = settings["text_budget"][1].get<std::int64_t>();
        config.videoSecondsLow = settings["video_budget"][0].get<std::int64_t>();
        config.videoSecondsHigh = settings["video_budget"][1].get<std::int64_t>();
        config.maxSpanSeconds = settings["max_span_seconds"].get<double>();
        const auto maxTokens = settings["max_text_tokens"].get<std::int64_t>();
        const auto sampler = data::ClipSampler::create(config);
        QVERIFY_RESULT(sampler);
        for (const Json& item : m_distribution["videos"]) {
            const test::MadeUpVideo owned = videoOf(item["video"]);
            const data::CaptionedVideo video = owned.view();
            const auto name = item["video"]["name"].get<std::string>();
            std::map<std::string, Histogram> ours;
            Random random({ 11 });
            const auto draws = item["overlapped"]["draws"].get<std::int64_t>();
            for (std::int64_t draw = 0; draw < draws; ++draw) {
                const data::ClipPair pair = sampler->draw(video, 0, random);
                countIn(ours, pair, video, maxTokens);
            }
            for (const auto& [figure, histogram] : ours) {
                const double found = deviate(histogram, item["overlapped"]["histograms"][figure]);
                // Some twenty comparisons: 4.5 standard deviations never come by chance.
                QVERIFY2(found < 4.5,
                    qPrintable(QStringLiteral("%1, %2: %3 standard deviations")
                                   .arg(name.c_str(), figure.c_str())
                                   .arg(found)));
            }
        }
    }

    void alignedPairsHaveTheDistributionOfTheReference()
    {
        const Json& settings = m_distribution["settings"];
        data::SamplingConfig config;
        config.textBudgetLow = settings["text_budget"][0].get<std::int64_t>();
        config.textBudgetHigh = settings["text_budget"][1].get<std::int64_t>();
        config.maxSpanSeconds = settings["max_span_seconds"].get<double>();
        const auto maxTokens = settings["max_text_tokens"].get<std::int64_t>();
        const auto maxSeconds = settings["max_video_tokens"].get<std::int64_t>();
        const auto sampler = data::ClipSampler::create(config);
        QVERIFY_RESULT(sampler);
        for (const Json& item : m_distribution["videos"]) {
            const test::MadeUpVideo owned = videoOf(item["video"]);
            const data::CaptionedVideo video = owned.view();
            std::map<std::string, Histogram> ours;
            Random random({ 12 });
            const auto draws = item["aligned"]["draws"].get<std::int64_t>();
            for (std::int64_t draw = 0; draw < draws; ++draw) {
                // The histograms are of the spans before they are cut to what the model takes.
                const data::ClipPair pair = sampler->drawAligned(video, 0, video.seconds, random);
                countIn(ours, pair, video, maxTokens);
            }
            for (const auto& [figure, histogram] : ours) {
                const double found = deviate(histogram, item["aligned"]["histograms"][figure]);
                QVERIFY2(found < 4.5,
                    qPrintable(
                        QStringLiteral("%1, %2: %3 standard deviations")
                            .arg(item["video"]["name"].get<std::string>().c_str(), figure.c_str())
                            .arg(found)));
            }
            std::vector<data::ClipPair> clips;
            sampler->alignedClips(video, 0, { 1, 1 }, 200, maxSeconds, clips);
            for (const data::ClipPair& pair : clips)
                QVERIFY(pair.secondEnd - pair.secondBegin <= maxSeconds);
        }
    }

    void alignedSpansAreThoseOfTheReference()
    {
        const auto maxSeconds = m_distribution["settings"]["max_video_tokens"].get<std::int64_t>();
        for (const Json& item : m_layout["aligned_spans"]) {
            const auto span = data::alignedSpan(item["caption_start"].get<double>(),
                item["caption_end"].get<double>(), item["video_seconds"].get<std::int64_t>(),
                maxSeconds);
            QCOMPARE(span.begin, item["video_start"].get<std::int64_t>());
            QCOMPARE(span.end - span.begin, item["valid_tokens"].get<std::int64_t>());
        }
    }

    void learningRatesAreThoseOfTheReference()
    {
        const Json& rates = m_layout["learning_rate"];
        const train::Schedule schedule{ rates["lr"].get<double>(),
            rates["warmup"].get<std::int64_t>(), rates["total"].get<std::int64_t>() };
        for (const Json& row : rates["after_k_updates"]) {
            const double expected = row[1].get<double>();
            const double found = schedule.rateAfter(row[0].get<std::int64_t>());
            QVERIFY2(std::abs(found - expected) <= 1e-12 * schedule.learningRate,
                qPrintable(QStringLiteral("%1: %2, not %3")
                               .arg(row[0].get<double>())
                               .arg(found)
                               .arg(expected)));
        }
    }
};

QTEST_GUILESS_MAIN(TestClipSampling)
#include "tst_clip_sampling.moc"
