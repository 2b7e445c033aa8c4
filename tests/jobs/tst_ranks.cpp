#include "data/training_set.h"
#include "model/video_clip.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "store/step_records.h"
#include "support/small_run.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"

#include <QProcess>
#include <QTemporaryDir>

#include <ATen/ATen.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace clipscope;
namespace fs = std::filesystem;

/// Several processes that train together, as torchrun would start them.
class TestRanks final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    test::SmallRun m_small;

    using Processes = std::vector<std::unique_ptr<QProcess>>;

    /// A port that is free now.
    static int freePort()
    {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(descriptor);
        return ntohs(address.sin_port);
    }

    Processes start(int ranks, const QStringList& arguments) const
    {
        Processes processes;
        const QString port = QString::number(freePort());
        for (int rank = 0; rank < ranks; ++rank) {
            auto environment = QProcessEnvironment::systemEnvironment();
            environment.insert("RANK", QString::number(rank));
            environment.insert("LOCAL_RANK", QString::number(rank));
            environment.insert("WORLD_SIZE", QString::number(ranks));
            environment.insert("MASTER_ADDR", "127.0.0.1");
            environment.insert("MASTER_PORT", port);
            processes.push_back(m_small.start(arguments, environment));
        }
        return processes;
    }

    static void finish(const Processes& processes)
    {
        for (const auto& process : processes) {
            QVERIFY(process->waitForFinished(300'000));
            QVERIFY2(process->exitCode() == 0, process->readAll());
        }
    }

    tensor::TensorFile read(const QString& run, const char* file) const
    {
        auto read
            = tensor::readSafetensors(m_small.run(run.toStdString()).checkpointsFolder() / file);
        return read ? std::move(*read) : tensor::TensorFile();
    }

    /// Largest difference of Adam's mean gradients, as a part of the largest of them.
    static double gradientDifference(const tensor::TensorFile& a, const tensor::TensorFile& b)
    {
        double largest = 0.0, difference = 0.0;
        for (const auto& [name, tensor] : a.tensors)
            if (name.starts_with("adam.first.")) {
                largest = std::max(largest, tensor.abs().max().item<double>());
                difference = std::max(
                    difference, (tensor - b.tensors.at(name)).abs().max().item<double>());
            }
        return largest > 0.0 ? difference / largest : 1.0;
    }

    /// The mean over both halves of the first step's pairs of the gradients that each half has with
    /// its own negatives alone.
    Result<std::map<std::string, at::Tensor>> meanOfHalves(const std::string& run) const
    {
        const auto folder = m_small.run(run);
        CLIP_TRY_ASSIGN(const auto records, store::readEpoch(folder.stepsFolder(), 1));
        const auto settings = m_small.settings();
        CLIP_TRY_ASSIGN(const auto words, text::WordPiece::load(settings.vocabulary));
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(m_small.project(), store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto set,
            data::TrainingSet::open(project, settings.encoder, words,
                { false, settings.captionCharacters, settings.captionTokens }));
        // The first update has rate 0, so these are still the weights of the first step.
        CLIP_TRY_ASSIGN(
            auto network, model::VideoClip::open(folder.checkpointsFolder() / "last.safetensors"));
        network.parameters().setRequiresGrad(true);
        std::vector<data::ClipPair> pairs;
        for (const store::PairRecord& pair : records.steps.at(0).pairs)
            for (std::int64_t at = 0; at < set.count(); ++at)
                if (set.video(at).videoId == pair.videoId)
                    pairs.push_back({ at, pair.captionBegin, pair.captionEnd, pair.secondBegin,
                        pair.secondEnd });
        const std::size_t half = pairs.size() / 2;
        for (const auto share : { std::span(pairs).first(half), std::span(pairs).subspan(half) }) {
            CLIP_TRY_ASSIGN(const auto batch, set.batch(share, network.config().text.maxTokens));
            const auto loss
                = model::contrastiveLoss(network.video().encode(batch.features, batch.videoMask),
                    network.text().encode(batch.ids, batch.textMask));
            (loss.total / 2).backward();
        }
        std::map<std::string, at::Tensor> gradients;
        for (const auto& parameter : network.parameters().all())
            if (parameter.tensor.grad().defined())
                gradients.emplace(parameter.name, parameter.tensor.grad());
        return gradients;
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY_RESULT(m_small.make(m_folder.path().toStdString())); }
    void init() { test::failOnAnyWarning(); }

    void gatheredNegativesGiveTheGradientsOfOneProcess_data()
    {
        QTest::addColumn<int>("ranks");
        QTest::addColumn<QString>("setting");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("two ranks") << 2 << "train.batches=random" << 1e-6;
        QTest::newRow("three ranks, shares that do not divide")
            << 3 << "train.batches=random" << 1e-6;
        QTest::newRow("retrieval") << 2 << "train.batches=retrieval" << 1e-6;
        // Other parts than in one process: products of other sizes round otherwise.
        QTest::newRow("parts of a share") << 2 << "train.pairs-at-once=3" << 1e-5;
    }

    void gatheredNegativesGiveTheGradientsOfOneProcess()
    {
        QFETCH(int, ranks);
        QFETCH(QString, setting);
        QFETCH(double, tolerance);
        const QString name = QString::number(ranks) + setting;
        const QStringList arguments = m_small.fresh({},
            { setting, "train.steps=1", "model.dropout=0", "train.cluster-videos=4",
                "train.cluster-candidates=8" });
        finish(start(1, QStringList{ "--run", "one-" + name } + arguments));
        finish(start(ranks, QStringList{ "--run", "many-" + name } + arguments));
        const double difference = gradientDifference(read("one-" + name, "last.state.safetensors"),
            read("many-" + name, "last.state.safetensors"));
        QVERIFY2(difference < tolerance, qPrintable(QString::number(difference)));
    }

    /// As the reference: every rank has the negatives of its own share, gradients are averaged.
    void localNegativesGiveTheMeanOfTheRanksOwnGradients()
    {
        const QStringList settings{ "train.steps=1", "model.dropout=0",
            "train.gather-negatives=false", "train.clip-norm=1e9" };
        finish(start(2, QStringList{ "--run", "local" } + m_small.fresh({}, settings)));
        const auto expected = meanOfHalves("local");
        QVERIFY_RESULT(expected);
        const auto state = read("local", "last.state.safetensors");
        double largest = 0.0, difference = 0.0;
        for (const auto& [name, gradient] : *expected) {
            const at::Tensor first = state.tensors.at("adam.first." + name) * 10.0; // 1 - 0.9
            largest = std::max(largest, gradient.abs().max().item<double>());
            difference = std::max(difference, (gradient - first).abs().max().item<double>());
        }
        QVERIFY(largest > 0.0);
        QVERIFY2(difference / largest < 1e-5, qPrintable(QString::number(difference / largest)));
    }

    void aRankThatDiesStopsTheOthersAndAnotherNumberGoesOn()
    {
        auto processes = start(
            2, QStringList{ "--run", "orphaned" } + m_small.fresh({}, { "train.steps=100000" }));
        QVERIFY(QTest::qWaitFor([&] { return m_small.losses("orphaned").size() > 12; }, 300'000));
        processes[1]->kill();
        QVERIFY(processes[0]->waitForFinished(60'000));
        const QByteArray said = processes[0]->readAll();
        QVERIFY2(processes[0]->exitCode() == exitCodeOf(ErrorKind::Io), said);
        QVERIFY2(said.contains("Another rank ended"), said);
        const auto state = m_small.run("orphaned").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Failed);

        const std::size_t before = m_small.losses("orphaned").size();
        auto resumed = start(3, { "--resume", "orphaned" });
        QVERIFY(
            QTest::qWaitFor([&] { return m_small.losses("orphaned").size() > before; }, 300'000));
        resumed[1]->terminate(); // any of them may ask all to leave
        finish(resumed);
        const auto left = m_small.run("orphaned").readState();
        QVERIFY_RESULT(left);
        QVERIFY(left->phase == store::RunPhase::Stopped);
    }

    void variablesThatMakeNoSenseAreNamed()
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("RANK", "2");
        environment.insert("WORLD_SIZE", "2");
        const auto process
            = m_small.start(QStringList{ "--run", "refused" } + m_small.fresh({}, {}), environment);
        QVERIFY(process->waitForFinished(60'000));
        QCOMPARE(process->exitCode(), exitCodeOf(ErrorKind::BadInput));
        QVERIFY(process->readAll().contains("RANK"));
        QVERIFY(!fs::exists(m_small.project() / "runs" / "refused"));
    }
};

QTEST_GUILESS_MAIN(TestRanks)
#include "tst_ranks.moc"
