#include "tasks/labelling.h"

#include "store/project.h"
#include "support/made_up_films.h"
#include "support/verify.h"
#include "tasks/search_session.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace clipscope;

namespace {

constexpr std::array<const char*, 8> things{ "fish", "boat", "tree", "horse", "bread", "cloud",
    "wheel", "lamp" };

/// Knows the eight things of the made-up films; a text with two things lies between them, and
/// "big" makes it longer.
class FakeModel final : public tasks::EmbeddingModel
{
public:
    FakeModel(std::vector<std::string>* asked, float weak)
        : m_asked(asked)
        , m_weak(weak)
    {
    }
    const tasks::CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return "fake"; }
    int dim() const override { return 16; }
    int featureDim() const override { return 16; }
    float weakBelow() const override { return m_weak; }
    at::Tensor secondStates(const at::Tensor& features) const override
    {
        return features.to(at::kFloat);
    }
    Result<tasks::EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        const auto N = static_cast<std::int64_t>(texts.size());
        tasks::EmbeddedTexts result{ at::zeros({ N, 16 }, at::kFloat), {} };
        for (std::size_t n = 0; n < texts.size(); ++n) {
            if (texts[n].find_first_not_of(' ') == std::string::npos)
                return fail(ErrorKind::BadInput, "Text has no words.");
            m_asked->push_back(texts[n]);
            for (std::size_t i = 0; i < things.size(); ++i)
                if (texts[n].find(things[i]) != std::string::npos)
                    result.vectors[static_cast<std::int64_t>(n)][static_cast<std::int64_t>(i)]
                        = texts[n].find("big") == std::string::npos ? 1.0F : 2.0F;
            if (texts[n].size() > 60)
                result.cut.push_back(n);
        }
        return result;
    }

private:
    std::vector<std::string>* m_asked;
    float m_weak;
    tasks::CheckpointInfo m_info{ "fake", "Fake", tasks::CheckpointKind::VideoClip, {}, "made-up",
        {} };
};

} // namespace

class TestLabelling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY_RESULT(test::makeFilms(folder(), {}));
        for (const char* thing : things)
            m_set.labels.push_back(label(thing));
        m_set.name = "things";
    }
    void init()
    {
        test::failOnAnyWarning();
        m_asked.clear();
    }

    void labelsSecondsAsTheirCaptionsDo();
    void scoresAreThoseOfASearch();
    void meansOverWordingsAndTemplates();
    void thresholdIsTheLargestProductOfTwoLabels();
    void oneLabelTakesTheModelsOwnThreshold();
    void aLabelsOwnThresholdCounts();
    void editedWordingCostsItsOwnTextsAndColumn();
    void whatIsKeptChangesNoResult();
    void namesTheLabelWithoutWords();
    void refusesASetWithoutLabelsOrWithOneTwice();
    void saysWhichWordingWasCut();
    void saysWhatToRunForAVideoWithoutStates();

private:
    static labels::Label label(const std::string& name, std::vector<std::string> wordings = {})
    {
        labels::Label result;
        result.name = name;
        result.wordings = std::move(wordings);
        return result;
    }
    std::filesystem::path folder() const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / "p.clipscope";
    }
    store::Project project() const
    {
        return store::Project::open(folder(), store::Access::ReadOnly).value();
    }
    tasks::SearchSession session(float weak = 1.0F)
    {
        return tasks::SearchSession::open(
            project(), std::make_unique<FakeModel>(&m_asked, weak), {})
            .value();
    }

    QTemporaryDir m_folder;
    labels::LabelSet m_set;
    std::vector<std::string> m_asked;
};

void TestLabelling::labelsSecondsAsTheirCaptionsDo()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    const auto from = project();
    const auto videos = from.catalogue().videos().value();
    for (const store::VideoRecord& video : videos) {
        const auto result = labeller.label(video.id, {});
        QVERIFY_RESULT(result);
        QCOMPARE(result->threshold, 0.0); // the things stand at right angles
        const auto segments
            = labels::segmentsOf(result->labelling.spans, m_set, video.durationSeconds);
        QVERIFY(!segments.empty());
        const auto captions = from.catalogue().captions(video.id).value();
        for (const labels::Segment& segment : segments)
            for (const store::CaptionRecord& caption : captions)
                if (segment.startSeconds < caption.stopSeconds
                    && caption.startSeconds < segment.stopSeconds)
                    QVERIFY(caption.text.ends_with(segment.label));
    }
}

void TestLabelling::scoresAreThoseOfASearch()
{
    auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    const auto result = labeller.label(1, {});
    QVERIFY_RESULT(result);
    for (std::size_t l = 0; l < things.size(); ++l) {
        QVERIFY_RESULT(opened.search(things[l]));
        const auto scores = opened.scoresOfVideo(1);
        QCOMPARE(scores.size(), result->seconds);
        for (std::size_t t = 0; t < scores.size(); ++t)
            QCOMPARE((*result->scores)[t * things.size() + l], scores[t]);
    }
}

void TestLabelling::meansOverWordingsAndTemplates()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    labels::LabelSet set{ "pair", { "a {}", "a big {}" },
        { label("one", { "fish", "boat" }), label("two", { "tree" }) } };
    QVERIFY_RESULT(labeller.setLabelSet(set));
    // fish, boat, big fish, big boat: a quarter of 1 + 2 in each of the two directions.
    const auto& vectors = labeller.labelVectors();
    QCOMPARE(vectors.size(), std::size_t(32));
    QCOMPARE(vectors[0], 0.75F);
    QCOMPARE(vectors[1], 0.75F);
    QCOMPARE(vectors[2], 0.0F);
    QCOMPARE(vectors[16 + 2], 1.5F);
    QCOMPARE(m_asked.size(), std::size_t(6));
}

void TestLabelling::thresholdIsTheLargestProductOfTwoLabels()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    // Products: fish and (fish boat) 1, big fish and fish 2, big fish and (fish boat) 2.
    labels::LabelSet set{ "near", {}, { label("fish"), label("fish boat"), label("big fish") } };
    QVERIFY_RESULT(labeller.setLabelSet(set));
    const auto result = labeller.label(1, {});
    QVERIFY_RESULT(result);
    QCOMPARE(result->threshold, 2.0);
    QCOMPARE(result->thresholds, (std::vector<double>{ 2.0, 2.0, 2.0 }));
    labels::SegmenterOptions options;
    options.threshold = 0.25;
    QCOMPARE(labeller.label(1, options)->threshold, 0.25);
}

void TestLabelling::oneLabelTakesTheModelsOwnThreshold()
{
    const labels::LabelSet set{ "one", {}, { label("fish") } };
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(set));
    QCOMPARE(labeller.label(1, {})->threshold, 1.0);
    // Unknown to the model: the mean of the video's scores.
    const auto unknown = session(-std::numeric_limits<float>::infinity());
    tasks::Labeller other(unknown);
    QVERIFY_RESULT(other.setLabelSet(set));
    const auto result = other.label(1, {});
    QVERIFY_RESULT(result);
    double sum = 0.0;
    for (const float score : *result->scores)
        sum += static_cast<double>(score);
    QVERIFY(std::abs(result->threshold - sum / static_cast<double>(result->seconds)) < 1e-9);
}

void TestLabelling::aLabelsOwnThresholdCounts()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    labels::LabelSet set = m_set;
    for (labels::Label& each : set.labels)
        each.threshold = 100.0;
    QVERIFY_RESULT(labeller.setLabelSet(set));
    const auto result = labeller.label(1, {});
    QVERIFY_RESULT(result);
    QVERIFY(result->labelling.spans.empty());
    QCOMPARE(result->threshold, 0.0);
}

void TestLabelling::editedWordingCostsItsOwnTextsAndColumn()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    auto result = labeller.label(1, {});
    QVERIFY_RESULT(result);
    QCOMPARE(result->textsEmbedded, 8);
    QCOMPARE(result->labelsScored, 8);

    labels::LabelSet edited = m_set;
    edited.labels[3].wordings = { "a horse", "big horse" };
    m_asked.clear();
    QVERIFY_RESULT(labeller.setLabelSet(edited));
    result = labeller.label(1, {});
    QCOMPARE(m_asked, (std::vector<std::string>{ "a horse", "big horse" }));
    QCOMPARE(result->textsEmbedded, 2);
    QCOMPARE(result->labelsScored, 1);

    // Another order, one label less and the old wording: everything is known.
    std::reverse(edited.labels.begin(), edited.labels.end());
    edited.labels.pop_back();
    QVERIFY_RESULT(labeller.setLabelSet(edited));
    result = labeller.label(1, {});
    QCOMPARE(result->textsEmbedded, 0);
    QCOMPARE(result->labelsScored, 0);
    // Another video has its own scores.
    QCOMPARE(labeller.label(2, {})->labelsScored, 7);
}

void TestLabelling::whatIsKeptChangesNoResult()
{
    const auto opened = session();
    tasks::Labeller kept(opened);
    QVERIFY_RESULT(kept.setLabelSet(m_set));
    QVERIFY_RESULT(kept.label(1, {}));
    QVERIFY_RESULT(kept.label(2, {}));
    labels::LabelSet edited = m_set;
    edited.labels.erase(edited.labels.begin());
    edited.labels.push_back(label("new", { "fish and lamp" }));
    QVERIFY_RESULT(kept.setLabelSet(edited));
    const auto again = kept.label(2, {});
    tasks::Labeller fresh(opened);
    QVERIFY_RESULT(fresh.setLabelSet(edited));
    const auto anew = fresh.label(2, {});
    QVERIFY_RESULT(again);
    QVERIFY_RESULT(anew);
    QCOMPARE(again->labelsScored, 1);
    QCOMPARE(*again->scores, *anew->scores);
    QCOMPARE(again->threshold, anew->threshold);
    QVERIFY(again->labelling.spans == anew->labelling.spans);
}

void TestLabelling::namesTheLabelWithoutWords()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    labels::LabelSet broken = m_set;
    broken.labels[2].wordings = { "tree", "  " };
    const Status status = labeller.setLabelSet(broken);
    QVERIFY_ERROR(status, ErrorKind::BadInput);
    QVERIFY(status.error().message.find("\"tree\"") != std::string::npos);
    QVERIFY(labeller.labelSet() == m_set); // still there
    QVERIFY_RESULT(labeller.label(1, {}));
}

void TestLabelling::refusesASetWithoutLabelsOrWithOneTwice()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_ERROR(labeller.setLabelSet({}), ErrorKind::BadInput);
    labels::LabelSet twice = m_set;
    twice.labels.push_back(label("fish", { "boat" }));
    QVERIFY_ERROR(labeller.setLabelSet(twice), ErrorKind::BadInput);
}

void TestLabelling::saysWhichWordingWasCut()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    labels::LabelSet set = m_set;
    set.labels[0].wordings = { "fish", "fish " + std::string(70, 'x') };
    QVERIFY_RESULT(labeller.setLabelSet(set));
    for (int time = 0; time < 2; ++time) {
        const auto result = labeller.label(1, {});
        QVERIFY_RESULT(result);
        QCOMPARE(result->notes.size(), std::size_t(1));
        QVERIFY(result->notes[0].find("xxx") != std::string::npos);
    }
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    QVERIFY(labeller.label(1, {})->notes.empty());
}

void TestLabelling::saysWhatToRunForAVideoWithoutStates()
{
    const auto opened = session();
    tasks::Labeller labeller(opened);
    QVERIFY_RESULT(labeller.setLabelSet(m_set));
    const auto result = labeller.label(12345, {});
    QVERIFY_ERROR(result, ErrorKind::NotFound);
    QVERIFY(result.error().hint.find("extract") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestLabelling)
#include "tst_labelling.moc"
