#include "base/json.h"
#include "model/video_clip.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/torch_file.h"

#include <QtTest>

using namespace clipscope;

class TestTorchFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void everyKindOfTensorIsExact_data();
    void everyKindOfTensorIsExact();
    void fairseqCheckpointsGiveTheModel_data();
    void fairseqCheckpointsGiveTheModel();
    void filesThatWouldRunAProgramAreRefused_data();
    void filesThatWouldRunAProgramAreRefused();

private:
    std::filesystem::path m_folder;
};

void TestTorchFiles::initTestCase()
{
    m_folder = test::fixturesFolder();
    if (!std::filesystem::exists(m_folder / "s3d_tiny_zip.pth"))
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
}

void TestTorchFiles::everyKindOfTensorIsExact_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("legacy stream") << "s3d_tiny_legacy.pth";
    QTest::newRow("zip") << "s3d_tiny_zip.pth";
}

void TestTorchFiles::everyKindOfTensorIsExact()
{
    QFETCH(QString, file);
    const auto expected = tensor::readSafetensors(m_folder / "s3d_tiny_expected.safetensors");
    const auto actual = tensor::readTensors(m_folder / file.toStdString());
    QVERIFY_RESULT(expected);
    QVERIFY_RESULT(actual);
    QCOMPARE(actual->tensors.size(), expected->tensors.size());
    for (const auto& [name, value] : expected->tensors) {
        const auto found = actual->tensors.find(name);
        QVERIFY2(found != actual->tensors.end(), name.c_str());
        QCOMPARE(found->second.scalar_type(), value.scalar_type());
        QVERIFY2(found->second.equal(value), name.c_str());
    }
}

void TestTorchFiles::fairseqCheckpointsGiveTheModel_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("zip, float16") << "fairseq_tiny.pt";
    QTest::newRow("legacy stream, float32") << "fairseq_tiny_legacy.pt";
}

void TestTorchFiles::fairseqCheckpointsGiveTheModel()
{
    QFETCH(QString, file);
    const auto expected = tensor::readSafetensors(m_folder / "videoclip_tiny.safetensors");
    const auto actual = tensor::readTensors(m_folder / file.toStdString());
    QVERIFY_RESULT(expected);
    QVERIFY_RESULT(actual);
    const auto prefix = tensor::prefixOf(*actual, "video_encoder.videomlp.linear1.weight");
    QVERIFY(prefix.has_value());
    QCOMPARE(actual->tensors.size(), expected->tensors.size());
    for (const auto& [name, value] : expected->tensors) {
        const auto found = actual->tensors.find(*prefix + name);
        QVERIFY2(found != actual->tensors.end(), name.c_str());
        QVERIFY2(found->second.equal(value.to(found->second.scalar_type())), name.c_str());
    }
}

void TestTorchFiles::filesThatWouldRunAProgramAreRefused_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file : { "malicious.pt", "malicious_legacy.pt", "malicious_protocol4.pt" })
        QTest::newRow(file) << file;
}

void TestTorchFiles::filesThatWouldRunAProgramAreRefused()
{
    QFETCH(QString, file);
    const std::filesystem::path proof = "/tmp/pwned";
    std::filesystem::remove(proof);
    const auto read = tensor::readTensors(m_folder / file.toStdString());
    QVERIFY(!std::filesystem::exists(proof));
    QVERIFY_ERROR(read, ErrorKind::BadInput);
    QVERIFY2(
        read.error().message.find("system") != std::string::npos, read.error().toString().c_str());
}

QTEST_GUILESS_MAIN(TestTorchFiles)
#include "tst_torch_files.moc"
