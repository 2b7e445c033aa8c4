#include "train/checkpoint.h"

#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

using namespace clipscope;
namespace fs = std::filesystem;

namespace {

tensor::TensorFile fileOf(std::int64_t step)
{
    tensor::TensorFile file;
    file.tensors["x"] = at::full({ 2 }, static_cast<double>(step));
    train::setStep(file, step);
    return file;
}

} // namespace

class TestCheckpoint final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        for (const auto& entry : fs::directory_iterator(m_folder.path().toStdString()))
            fs::remove_all(entry);
    }

    void theNewestPairIsLoaded()
    {
        const fs::path folder = m_folder.filePath("checkpoints").toStdString();
        QVERIFY_ERROR(train::loadLast(folder), ErrorKind::NotFound);
        QVERIFY_RESULT(train::saveLast(folder, fileOf(10), fileOf(10)));
        QVERIFY_RESULT(train::saveLast(folder, fileOf(20), fileOf(20)));
        const auto loaded = train::loadLast(folder);
        QVERIFY_RESULT(loaded);
        QCOMPARE(train::stepOf(loaded->weights).value_or(-1), std::int64_t(20));
        QCOMPARE(loaded->state.tensors.at("x")[0].item<double>(), 20.0);
        QCOMPARE(std::distance(fs::directory_iterator(folder), {}), std::ptrdiff_t(2));
    }

    /// Every state of the folder that a kill can leave, in the order of saveLast().
    void aKillAtAnyMomentLeavesAPair_data()
    {
        QTest::addColumn<QStringList>("files"); // NAME=STEP
        QTest::addColumn<int>("step");
        QTest::newRow("before") << QStringList{ "last=1", "last.state=1" } << 1;
        QTest::newRow("new weights written")
            << QStringList{ "last=1", "last.state=1", "last.next=2" } << 1;
        QTest::newRow("both written")
            << QStringList{ "last=1", "last.state=1", "last.next=2", "last.next.state=2" } << 2;
        QTest::newRow("state renamed")
            << QStringList{ "last=1", "last.state=2", "last.next=2" } << 2;
        QTest::newRow("both renamed") << QStringList{ "last=2", "last.state=2" } << 2;
        QTest::newRow("first save, state renamed")
            << QStringList{ "last.state=2", "last.next=2" } << 2;
        QTest::newRow("old rests of a crash, then step 3 half written")
            << QStringList{ "last=2", "last.state=2", "last.next=3", "last.next.state=1" } << 2;
    }

    void aKillAtAnyMomentLeavesAPair()
    {
        QFETCH(QStringList, files);
        QFETCH(int, step);
        const fs::path folder = m_folder.path().toStdString();
        for (const QString& file : files) {
            const auto parts = file.split('=');
            QVERIFY_RESULT(tensor::writeSafetensors(
                folder / (parts[0].toStdString() + ".safetensors"), fileOf(parts[1].toInt())));
        }
        const auto loaded = train::loadLast(folder);
        QVERIFY_RESULT(loaded);
        QCOMPARE(train::stepOf(loaded->weights).value_or(-1), std::int64_t(step));
        QCOMPARE(train::stepOf(loaded->state).value_or(-1), std::int64_t(step));
        QVERIFY_RESULT(train::saveLast(folder, fileOf(9), fileOf(9)));
        const auto next = train::loadLast(folder);
        QVERIFY_RESULT(next);
        QCOMPARE(train::stepOf(next->weights).value_or(-1), std::int64_t(9));
    }

    void filesThatDoNotBelongTogetherAreRefused()
    {
        const fs::path folder = m_folder.path().toStdString();
        QVERIFY_RESULT(tensor::writeSafetensors(folder / "last.safetensors", fileOf(1)));
        QVERIFY_RESULT(tensor::writeSafetensors(folder / "last.state.safetensors", fileOf(2)));
        QVERIFY_ERROR(train::loadLast(folder), ErrorKind::BadInput);
    }
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
