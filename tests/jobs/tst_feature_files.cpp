#include "base/files.h"
#include "jobs/extract.h"
#include "jobs/feature_files.h"
#include "jobs/import.h"
#include "jobs/init.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "support/made_up_starter.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "tensor/npy.h"

#include <torch/types.h>

#include <QTemporaryDir>

#include <limits>

using namespace clipscope;
namespace fs = std::filesystem;

class TestFeatureFiles final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = fs::canonical(m_temporary->path().toStdString());
        m_project = m_root / "p.clipscope";
        m_arrays = m_root / "arrays";
        fs::create_directories(m_root / "films" / "again");
        fs::create_directory(m_arrays);
        QVERIFY_RESULT(jobs::runInit({ m_project }, {}));
        film("films/a.mp4", 60); // 2.4 s
        film("films/b.mkv", 25);
        film("films/c.mp4", 30);
        film("films/again/c.mp4", 55);
        QVERIFY_RESULT(jobs::runImport({ m_project, { m_root / "films" }, {}, 1 }, {}));
    }

    void takesInWhatFitsAndListsTheRest()
    {
        save("a", torch::rand({ 3, 512 }));
        save("b", torch::rand({ 2, 512 }, torch::kFloat64)); // a row more than seconds
        save("c", torch::rand({ 2, 512 }));
        save("stranger", torch::rand({ 2, 512 }));
        const auto report = jobs::runTakeFeatures(settings(), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->videos, std::int64_t(2));
        QCOMPARE(report->seconds, std::int64_t(5));
        QCOMPARE(report->skipped.size(), std::size_t(2));
        QCOMPARE(report->skipped[0].place.file, m_arrays / "c.npy");
        QCOMPARE(report->skipped[0].kind, ErrorKind::Conflict);
        QCOMPARE(report->skipped[1].kind, ErrorKind::NotFound);

        const auto again = jobs::runTakeFeatures(settings(), {});
        QVERIFY_RESULT(again);
        QCOMPARE(again->videos, std::int64_t(0));
        QCOMPARE(again->known, std::int64_t(2));
        const auto other = torch::rand({ 3, 512 });
        save("a", other);
        QCOMPARE(jobs::runTakeFeatures(settings(), {})->videos, std::int64_t(1));
        QVERIFY_RESULT(jobs::runWriteFeatures(settings("out"), {}));
        const auto back = tensor::readNpy(m_root / "out" / "a.npy");
        QVERIFY_RESULT(back);
        QVERIFY(torch::equal(*back, other.to(torch::kHalf).to(torch::kFloat32)));
    }

    void refusesArraysThatAreNoFeatures()
    {
        save("a", torch::rand({ 7, 512 })); // the film has 3 seconds
        expectSkipped("7 rows, the video 3 seconds");
        save("a", torch::rand({ 512 }));
        expectSkipped("[512]");
        save("a", torch::ones({ 3, 512 }, torch::kInt64));
        expectSkipped("no list of vectors");
        auto broken = torch::rand({ 3, 512 });
        broken[1][7] = std::numeric_limits<float>::quiet_NaN();
        save("a", broken);
        expectSkipped("not finite");
        save("a", torch::full({ 3, 512 }, 1e6));
        expectSkipped("too large");
        QVERIFY_RESULT(writeFileAtomically(m_arrays / "a.npy", "no array"));
        expectSkipped("");
        save("a", torch::rand({ 3, 512 }));
        save("b", torch::rand({ 1, 256 }));
        expectSkipped("256 numbers, the others 512");
    }

    void saysWhatIsMissing()
    {
        QVERIFY_ERROR(jobs::runTakeFeatures(settings(), {}), ErrorKind::NotFound); // no array
        QVERIFY_ERROR(jobs::runTakeFeatures(settings("none"), {}), ErrorKind::NotFound);
        QVERIFY_ERROR(jobs::runWriteFeatures(settings("out"), {}), ErrorKind::NotFound);
    }

    void doesNotMixExtractedAndTakenInFeatures()
    {
        QVERIFY_RESULT(test::writeMadeUpStarter(m_root / "starter.safetensors"));
        qputenv("CLIPSCOPE_MODELS", m_root.c_str());
        jobs::ExtractSettings extract;
        extract.project = m_project;
        QVERIFY_RESULT(jobs::runExtract(extract, {}));
        auto lite = settings("out");
        lite.encoder = extract.encoder;
        const auto written = jobs::runWriteFeatures(lite, {});
        QVERIFY_RESULT(written);
        QCOMPARE(written->videos, std::int64_t(3));
        QCOMPARE(written->skipped.size(), std::size_t(1)); // the second c
        QVERIFY_ERROR(jobs::runTakeFeatures(lite, {}), ErrorKind::Conflict);

        fs::remove_all(store::Project::open(m_project, store::Access::ReadOnly)
                           ->featuresFolder(extract.encoder));
        QCOMPARE(jobs::runTakeFeatures(lite, {})->videos, std::int64_t(2));
        QVERIFY_ERROR(jobs::runExtract(extract, {}), ErrorKind::Conflict);
    }

private:
    void film(const std::string& name, int frames) const
    {
        test::MadeVideo video;
        video.frames = frames;
        QVERIFY_RESULT(test::makeVideo(m_root / name, video));
    }
    void save(const std::string& name, const at::Tensor& array) const
    {
        QVERIFY_RESULT(tensor::writeNpy(m_arrays / (name + ".npy"), array));
    }
    jobs::FeatureFilesSettings settings(const std::string& folder = "arrays") const
    {
        return { m_project, m_root / folder, "s3d" };
    }
    /// One array is listed with such a reason.
    void expectSkipped(const std::string& reason) const
    {
        const auto report = jobs::runTakeFeatures(settings(), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->skipped.size(), std::size_t(1));
        QVERIFY2(report->skipped[0].message.find(reason) != std::string::npos,
            report->skipped[0].message.c_str());
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_root, m_project, m_arrays;
};

QTEST_GUILESS_MAIN(TestFeatureFiles)
#include "tst_feature_files.moc"
