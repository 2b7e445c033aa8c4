#include "features/encoder.h"

#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;

class TestEncoder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void namesTheKnownEncodersForAnUnknownOne();
    void saysWhichFileIsMissing_data();
    void saysWhichFileIsMissing();
    void refusesWeightsThatAreNone();

private:
    QTemporaryDir m_folder;
    std::filesystem::path models() const { return m_folder.path().toStdString(); }
};

void TestEncoder::namesTheKnownEncodersForAnUnknownOne()
{
    const auto encoder = features::loadEncoder("s3", models(), {});
    QVERIFY_ERROR(encoder, ErrorKind::BadInput);
    for (const auto& name : features::encoderNames())
        QVERIFY(encoder.error().hint.find(name) != std::string::npos);
}

void TestEncoder::saysWhichFileIsMissing_data()
{
    QTest::addColumn<QString>("encoder");
    QTest::addColumn<QString>("file");
    for (const auto& [encoder, file] : { std::pair("efficientnet-lite0", "starter.safetensors"),
             std::pair("s3d", "s3d.safetensors"), std::pair("s3d", "s3d_howto100m.pth") })
        QTest::addRow("%s of %s", file, encoder) << QString(encoder) << QString(file);
}

void TestEncoder::saysWhichFileIsMissing()
{
    QFETCH(QString, encoder);
    QFETCH(QString, file);
    const auto loaded = features::loadEncoder(encoder.toStdString(), models(), {});
    QVERIFY_ERROR(loaded, ErrorKind::NotFound);
    QVERIFY(loaded.error().message.find(file.toStdString()) != std::string::npos);
    QVERIFY(!loaded.error().hint.empty());
    QVERIFY_ERROR(
        features::encoderFingerprint(encoder.toStdString(), models()), ErrorKind::NotFound);
}

void TestEncoder::refusesWeightsThatAreNone()
{
    QFile file(m_folder.filePath(QStringLiteral("s3d.safetensors")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("no weights at all, only text") > 0);
    file.close();
    QVERIFY_ERROR(features::loadEncoder("s3d", models(), {}), ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestEncoder)
#include "tst_encoder.moc"
