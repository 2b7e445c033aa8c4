#include "train/trainer.h"

#include "base/random.h"
#include "store/project.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QTemporaryDir>

#include <cmath>
#include <optional>

using namespace clipscope;
using train::Trainer;

namespace {

model::VideoClip freshNetwork(std::int64_t featureWidth, double dropout)
{
    model::VideoClipConfig config;
    model::BertConfig bert{ .vocabulary = 16,
        .width = 32,
        .layers = 1,
        .heads = 4,
        .feedForward = 64,
        .positions = 64,
        .dropout = dropout };
    config.text.bert = config.video.bert = bert;
    config.video.inputWidth = featureWidth;
    config.video.clsId = 2;
    config.video.sepId = 3;
    model::VideoClip network(config);
    network.parameters().initialise(Random({ 5 }));
    return network;
}

train::TrainerConfig config()
{
    train::TrainerConfig config;
    config.batchVideos = 8;
    config.sampling = { .pairsPerVideo = 2,
        .textBudgetLow = 2,
        .textBudgetHigh = 5,
        .videoSecondsLow = 2,
        .videoSecondsHigh = 4 };
    config.schedule = { 5e-3, 5, 200 };
    return config;
}

} // namespace

class TestTrainer final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    text::WordPiece m_words = std::move(*text::WordPiece::fromText(test::madeUpVocabulary()));
    std::optional<data::TrainingSet> m_set;

    Result<data::TrainingSet> open(const char* name, const test::MadeUpFilms& films)
    {
        const std::filesystem::path path
            = m_folder.filePath(QString::fromLatin1(name)).toStdString();
        CLIP_TRY(test::makeFilms(path, films));
        CLIP_TRY_ASSIGN(const auto project, store::Project::open(path, store::Access::ReadOnly));
        return data::TrainingSet::open(project, films.encoder, m_words, {});
    }
    Result<Trainer> make(const data::TrainingSet& set, const train::TrainerConfig& config) const
    {
        return Trainer::create(freshNetwork(16, 0.1), set, data::splitOf(set, 1, 0.2, 2), config);
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1); // so small a model only loses by more
        auto set = open("films.clipscope", { .films = 20 });
        QVERIFY_RESULT(set);
        m_set = std::move(*set);
    }
    void init() { test::failOnAnyWarning(); }

    void learnsToFindOwnPairs()
    {
        auto trainer = make(*m_set, config());
        QVERIFY_RESULT(trainer);
        QVERIFY(!trainer->evaluatesTrainingFilms());
        const auto before = trainer->evaluate();
        QVERIFY_RESULT(before);
        for (int step = 0; step < 120; ++step) {
            const auto report = trainer->step();
            QVERIFY_RESULT(report);
            QVERIFY(!report->skipped);
        }
        const auto after = trainer->evaluate();
        QVERIFY_RESULT(after);
        QVERIFY(trainer->lastIsBest());
        // Films never trained on; scenes of one thing cannot be told apart, so 1 is out of reach.
        QVERIFY2(after->recallAt5 > before->recallAt5 + 0.2,
            qPrintable(QStringLiteral("%1 -> %2").arg(before->recallAt5).arg(after->recallAt5)));
        QVERIFY(after->loss < before->loss);
    }

    void aResumedRunGivesTheSameLossesBitByBit()
    {
        auto whole = make(*m_set, config());
        auto begun = make(*m_set, config());
        QVERIFY_RESULT(whole);
        QVERIFY_RESULT(begun);
        std::vector<double> losses;
        for (int step = 0; step < 14; ++step) {
            const auto report = whole->step();
            QVERIFY_RESULT(report);
            losses.push_back(report->loss);
        }
        for (int step = 0; step < 7; ++step)
            QCOMPARE(begun->step()->loss, losses[static_cast<std::size_t>(step)]);
        QVERIFY_RESULT(begun->evaluate()); // measuring changes nothing
        const std::filesystem::path folder = m_folder.filePath("saved").toStdString();
        QVERIFY_RESULT(train::saveLast(folder, begun->weights(), begun->state()));
        const auto saved = train::loadLast(folder);
        QVERIFY_RESULT(saved);
        auto resumed = make(*m_set, config());
        QVERIFY_RESULT(resumed);
        QVERIFY_RESULT(resumed->restore(*saved));
        QCOMPARE(resumed->stepsDone(), std::int64_t(7));
        QCOMPARE(resumed->bestLoss(), begun->bestLoss());
        for (std::size_t step = 7; step < 14; ++step) {
            const auto report = resumed->step();
            QVERIFY_RESULT(report);
            QCOMPARE(report->loss, losses[step]);
            QCOMPARE(report->step, static_cast<std::int64_t>(step) + 1);
        }
        for (const auto& parameter : whole->network().parameters().all())
            QVERIFY2(
                at::equal(parameter.tensor, resumed->network().parameters().find(parameter.name)),
                parameter.name.c_str());
    }

    void numbersThatAreNoneChangeNothingAndThenStopTheRun()
    {
        const auto broken = open("broken.clipscope", { .films = 4, .withNaN = true });
        QVERIFY_RESULT(broken);
        auto settings = config();
        settings.maxSkippedInARow = 3;
        settings.sampling.videoSecondsLow = settings.sampling.videoSecondsHigh = 32;
        auto trainer = Trainer::create(
            freshNetwork(16, 0.0), *broken, data::splitOf(*broken, 1, 0.0, 1), settings);
        QVERIFY_RESULT(trainer);
        const at::Tensor before = trainer->weights().tensors.begin()->second.clone();
        for (int step = 0; step < 2; ++step) {
            const auto report = trainer->step();
            QVERIFY_RESULT(report);
            QVERIFY(report->skipped);
        }
        const auto last = trainer->step();
        QVERIFY_ERROR(last, ErrorKind::BadInput);
        QVERIFY(last.error().message.find("film") != std::string::npos);
        QVERIFY(at::equal(before, trainer->weights().tensors.begin()->second));
    }

    void whatDoesNotFitIsRefused()
    {
        const auto split = data::splitOf(*m_set, 1, 0.0, 1);
        QVERIFY_ERROR(
            Trainer::create(freshNetwork(8, 0.0), *m_set, split, config()), ErrorKind::BadInput);
        auto settings = config();
        settings.sampling.videoSecondsHigh = 33;
        QVERIFY_ERROR(
            Trainer::create(freshNetwork(16, 0.0), *m_set, split, settings), ErrorKind::BadInput);
    }

    void bfloat16TrainsToo()
    {
        auto settings = config();
        settings.compute.precision = at::kBFloat16;
        auto trainer = make(*m_set, settings);
        QVERIFY_RESULT(trainer);
        double first = 0.0, last = 0.0;
        for (int step = 0; step < 60; ++step) {
            const auto report = trainer->step();
            QVERIFY_RESULT(report);
            QVERIFY(std::isfinite(report->loss));
            (step == 0 ? first : last) = report->loss;
        }
        QVERIFY(last < first);
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
