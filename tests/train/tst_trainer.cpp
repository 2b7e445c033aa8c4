#include "train/trainer.h"

#include "base/random.h"
#include "store/project.h"
#include "support/made_up_films.h"
#include "support/test_device.h"
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

at::Device device = at::kCPU; ///< that all trainings of this run use

train::TrainerConfig config()
{
    train::TrainerConfig config;
    config.compute.device = device;
    config.batchVideos = 8;
    config.sampling = { .pairsPerVideo = 2,
        .textBudgetLow = 2,
        .textBudgetHigh = 5,
        .videoSecondsLow = 2,
        .videoSecondsHigh = 4 };
    config.schedule = { 5e-3, 5, 200 };
    return config;
}

/// To the last bit on the CPU; a graphics card adds up in no fixed order.
bool same(double found, double expected)
{
    return device.is_cpu() ? found == expected
                           : std::abs(found - expected) <= 1e-3 * std::abs(expected);
}

} // namespace

class TestTrainer final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    text::WordPiece m_words = std::move(*text::WordPiece::fromText(test::madeUpVocabulary()));
    std::optional<data::TrainingSet> m_set;
    const tensor::Ranks m_alone;

    Result<data::TrainingSet> open(const char* name, const test::MadeUpFilms& films)
    {
        const std::filesystem::path path
            = m_folder.filePath(QString::fromLatin1(name)).toStdString();
        CLIP_TRY(test::makeFilms(path, films));
        CLIP_TRY_ASSIGN(const auto project, store::Project::open(path, store::Access::ReadOnly));
        return data::TrainingSet::open(project, films.encoder, m_words, {});
    }
    Result<Trainer> make(const data::TrainingSet& set, const train::TrainerConfig& config,
        double dropout = 0.1) const
    {
        return Trainer::create(
            freshNetwork(16, dropout), set, data::splitOf(set, 1, 0.2, 2), config, m_alone);
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1); // so small a model only loses by more
        const auto wanted = test::testDevice();
        if (!wanted)
            QSKIP(wanted.error().message.c_str());
        device = *wanted;
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
            QVERIFY(same(begun->step()->loss, losses[static_cast<std::size_t>(step)]));
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
            QVERIFY(same(report->loss, losses[step]));
            QCOMPARE(report->step, static_cast<std::int64_t>(step) + 1);
        }
        for (const auto& parameter : whole->network().parameters().all())
            QVERIFY2(device.is_cuda()
                    || at::equal(
                        parameter.tensor, resumed->network().parameters().find(parameter.name)),
                parameter.name.c_str());
    }

    void aRunGoesOnOnAnotherDevice()
    {
        if (device.is_cpu())
            QSKIP("this run is on the CPU alone; the .cuda entry tests it");
        auto begun = make(*m_set, config(), 0.0);
        QVERIFY_RESULT(begun);
        for (int step = 0; step < 5; ++step)
            QVERIFY_RESULT(begun->step());
        const std::filesystem::path folder = m_folder.filePath("moved").toStdString();
        QVERIFY_RESULT(train::saveLast(folder, begun->weights(), begun->state()));
        const auto saved = train::loadLast(folder);
        QVERIFY_RESULT(saved);
        auto settings = config();
        settings.compute.device = at::kCPU;
        auto resumed = make(*m_set, settings, 0.0);
        QVERIFY_RESULT(resumed);
        QVERIFY_RESULT(resumed->restore(*saved));
        for (int step = 0; step < 5; ++step) {
            const auto onCard = begun->step(), onCpu = resumed->step();
            QVERIFY_RESULT(onCard);
            QVERIFY_RESULT(onCpu);
            QVERIFY(std::abs(onCard->loss - onCpu->loss) <= 1e-3 * onCpu->loss);
            QVERIFY(
                std::abs(onCard->gradientNorm - onCpu->gradientNorm) <= 1e-3 * onCpu->gradientNorm);
        }
    }

    void numbersThatAreNoneStopTheRunBeforeTheyDoHarm()
    {
        const auto broken = open("broken.clipscope", { .films = 4, .withNaN = true });
        QVERIFY_RESULT(broken);
        auto settings = config();
        settings.sampling.videoSecondsLow = settings.sampling.videoSecondsHigh = 32;
        auto trainer = Trainer::create(
            freshNetwork(16, 0.0), *broken, data::splitOf(*broken, 1, 0.0, 1), settings, m_alone);
        QVERIFY_RESULT(trainer);
        const at::Tensor before = trainer->weights().tensors.begin()->second.clone();
        const auto step = trainer->step();
        QVERIFY_ERROR(step, ErrorKind::BadInput);
        QVERIFY(step.error().message.find("film") != std::string::npos);
        QCOMPARE(trainer->stepsDone(), std::int64_t(0));
        QCOMPARE(trainer->attempt().step, std::int64_t(1));
        QVERIFY(!trainer->attempt().pairs.empty());
        QVERIFY(at::equal(before, trainer->weights().tensors.begin()->second));
        const auto again = trainer->step(); // the same batch, for it was given back
        QVERIFY_ERROR(again, ErrorKind::BadInput);
        QCOMPARE(again.error().message, step.error().message);
    }

    void aLossThatRunsAwayStopsTheRun()
    {
        auto settings = config();
        settings.schedule = { 30.0, 0, 200 }; // far too high a rate
        settings.divergenceFactor = 2.0;
        auto trainer = make(*m_set, settings);
        QVERIFY_RESULT(trainer);
        std::optional<Error> error;
        for (int step = 0; step < 100 && !error; ++step)
            if (auto done = trainer->step(); !done)
                error = done.error();
        QVERIFY(error);
        QVERIFY(error->kind == ErrorKind::BadInput);
    }

    void partsOfABatchGiveTheGradientsOfTheWhole_data()
    {
        QTest::addColumn<int>("pairsAtOnce");
        QTest::newRow("a pair at a time") << 1;
        QTest::newRow("parts that do not divide") << 5;
        QTest::newRow("as many as there are") << 16;
    }

    void partsOfABatchGiveTheGradientsOfTheWhole()
    {
        QFETCH(int, pairsAtOnce);
        auto whole = make(*m_set, config(), 0.0);
        auto settings = config();
        settings.pairsAtOnce = pairsAtOnce;
        settings.lossTileRows = 3;
        auto parts = make(*m_set, settings, 0.0);
        QVERIFY_RESULT(whole);
        QVERIFY_RESULT(parts);
        for (int step = 0; step < 3; ++step) {
            const auto a = whole->step(), b = parts->step();
            QVERIFY_RESULT(a);
            QVERIFY_RESULT(b);
            QVERIFY(std::abs(a->loss - b->loss) < 1e-5);
            QVERIFY(std::abs(a->gradientNorm - b->gradientNorm) < 1e-5 * a->gradientNorm);
        }
        // Adam's mean gradient tells of every gradient.
        const auto a = whole->state(), b = parts->state();
        for (const auto& [name, tensor] : a.tensors)
            if (name.starts_with("adam.first."))
                QVERIFY2(
                    (tensor - b.tensors.at(name)).abs().max().item<double>() < 1e-5, name.c_str());
    }

    void recomputedLayersGiveTheSameGradients()
    {
        for (const at::ScalarType precision : { at::kFloat, at::kBFloat16 }) {
            auto settings = config();
            settings.compute.precision = precision;
            auto kept = make(*m_set, settings); // with dropout
            settings.recompute = true;
            auto again = make(*m_set, settings);
            QVERIFY_RESULT(kept);
            QVERIFY_RESULT(again);
            for (int step = 0; step < 3; ++step) {
                const auto a = kept->step(), b = again->step();
                QVERIFY_RESULT(a);
                QVERIFY_RESULT(b);
                // In bfloat16 the casts of the weights are shared among layers in one case alone.
                const double tolerance = precision != at::kFloat ? 1e-2
                    : device.is_cpu()                            ? 0.0
                                                                 : 1e-3;
                QVERIFY(std::abs(a->loss - b->loss) <= tolerance * a->loss);
                QVERIFY(std::abs(a->gradientNorm - b->gradientNorm) <= tolerance * a->gradientNorm);
            }
        }
    }

    void retrievedBatchesResumeWithinAnEpoch()
    {
        auto settings = config();
        settings.clusters.kind = train::BatchKind::Retrieval;
        settings.clusters.videos = 2;
        settings.clusters.candidates = 4;
        settings.batchVideos = 4; // two clusters a step
        settings.clipsPerVector = 4;
        auto whole = make(*m_set, settings);
        auto begun = make(*m_set, settings);
        QVERIFY_RESULT(whole);
        QVERIFY_RESULT(begun);
        std::vector<double> losses;
        std::int64_t epochs = 0;
        for (int step = 0; step < 12; ++step) {
            const auto report = whole->step();
            QVERIFY_RESULT(report);
            losses.push_back(report->loss);
            epochs += report->begunEpoch.empty() ? 0 : 1;
            QVERIFY(report->clusters <= 2);
            QCOMPARE(report->losses.size(), report->pairs.size());
        }
        QVERIFY(epochs >= 2);
        for (int step = 0; step < 6; ++step)
            QVERIFY_RESULT(begun->step());
        const std::filesystem::path folder = m_folder.filePath("retrieved").toStdString();
        QVERIFY_RESULT(train::saveLast(folder, begun->weights(), begun->state()));
        const auto saved = train::loadLast(folder);
        QVERIFY_RESULT(saved);
        auto resumed = make(*m_set, settings);
        QVERIFY_RESULT(resumed);
        const auto missing = resumed->restore(*saved);
        QVERIFY_RESULT(missing);
        QCOMPARE(*missing, std::int64_t(0));
        for (std::size_t step = 6; step < 12; ++step) {
            const auto report = resumed->step();
            QVERIFY_RESULT(report);
            QVERIFY(same(report->loss, losses[step]));
        }
    }

    void theMovingAverageIsMeasuredAndResumed()
    {
        auto settings = config();
        settings.averageDecay = 0.9;
        auto trainer = make(*m_set, settings);
        QVERIFY_RESULT(trainer);
        for (int step = 0; step < 10; ++step)
            QVERIFY_RESULT(trainer->step());
        const auto now = trainer->weights(), average = trainer->measuredWeights();
        const std::string name = "text_encoder.encoder.layer.0.output.dense.weight";
        QVERIFY(!at::equal(now.tensors.at(name), average.tensors.at(name)));
        QVERIFY(at::equal(now.tensors.at(name), trainer->weights().tensors.at(name)));
        const std::filesystem::path folder = m_folder.filePath("average").toStdString();
        QVERIFY_RESULT(train::saveLast(folder, trainer->weights(), trainer->state()));
        const auto saved = train::loadLast(folder);
        QVERIFY_RESULT(saved);
        auto resumed = make(*m_set, settings);
        QVERIFY_RESULT(resumed);
        QVERIFY_RESULT(resumed->restore(*saved));
        QVERIFY(at::equal(average.tensors.at(name), resumed->measuredWeights().tensors.at(name)));
    }

    void float16IsScaledAndLeavesOverflowsOut()
    {
        train::LossScaler scaler(true, 3);
        QCOMPARE(scaler.scale(), 128.0);
        scaler.overflowed();
        QCOMPARE(scaler.scale(), 64.0);
        for (int step = 0; step < 3; ++step)
            scaler.wasClean();
        QCOMPARE(scaler.scale(), 128.0);
        train::LossScaler none(false);
        none.wasClean();
        QCOMPARE(none.scale(), 1.0);
        QVERIFY(!none.isExhausted());
    }

    void whatDoesNotFitIsRefused()
    {
        const auto split = data::splitOf(*m_set, 1, 0.0, 1);
        QVERIFY_ERROR(Trainer::create(freshNetwork(8, 0.0), *m_set, split, config(), m_alone),
            ErrorKind::BadInput);
        auto settings = config();
        settings.sampling.videoSecondsHigh = 33;
        QVERIFY_ERROR(Trainer::create(freshNetwork(16, 0.0), *m_set, split, settings, m_alone),
            ErrorKind::BadInput);
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
