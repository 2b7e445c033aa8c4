#include "features/encoder.h"

#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <functional>

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
    void theRandomEncoderNeedsNoFileAndIsAlwaysTheSame();
    void theRandomEncoderSeesWhichWayThingsMove();

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

namespace {

/// A bright square that is at x(frame) on a dark wall; one second.
at::Tensor movingSquare(const features::Encoder& encoder, const std::function<int(int)>& x)
{
    const auto size = std::get<media::Squash>(encoder.plan().geometry);
    const int frames = encoder.plan().framesPerSecond;
    auto pictures = at::full({ 1, frames, size.heightPixels, size.widthPixels, 3 }, 40, at::kByte);
    for (int frame = 0; frame < frames; ++frame)
        pictures[0][frame].narrow(0, 20, 8).narrow(1, x(frame), 8).fill_(220);
    return pictures;
}

} // namespace

void TestEncoder::theRandomEncoderNeedsNoFileAndIsAlwaysTheSame()
{
    const auto one = features::loadEncoder("random-spatiotemporal", models(), {});
    const auto two = features::loadEncoder("random-spatiotemporal", models() / "nowhere", {});
    QVERIFY_RESULT(one);
    QVERIFY_RESULT(two);
    QCOMPARE((*one)->fingerprint(), (*two)->fingerprint());
    QCOMPARE((*one)->fingerprint(),
        features::encoderFingerprint("random-spatiotemporal", models()).value_or(""));
    const auto frames = movingSquare(**one, [](int frame) { return 5 + 2 * frame; });
    const auto vectors = (*one)->encode(frames);
    QCOMPARE(vectors.size(1), std::int64_t((*one)->dim()));
    QVERIFY(vectors.equal((*two)->encode(frames)));
    QVERIFY(vectors.isfinite().all().item<bool>());
    const double length = vectors.norm().item<double>();
    QVERIFY2(length > 0.8 && length <= 1.0, std::to_string(length).c_str());
}

void TestEncoder::theRandomEncoderSeesWhichWayThingsMove()
{
    const auto loaded = features::loadEncoder("random-spatiotemporal", models(), {});
    QVERIFY_RESULT(loaded);
    const features::Encoder& encoder = **loaded;
    const auto vector = [&](const std::function<int(int)>& x) {
        return encoder.encode(movingSquare(encoder, x))[0];
    };
    // The same twelve pictures, forwards and backwards.
    const auto right = vector([](int frame) { return 8 + 2 * frame; });
    const auto left = vector([](int frame) { return 30 - 2 * frame; });
    const auto rightAgain = vector([](int frame) { return 9 + 2 * frame; });
    const auto distance
        = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).norm().item<double>(); };
    QVERIFY2(distance(right, left) > 3.0 * distance(right, rightAgain),
        (std::to_string(distance(right, left)) + " " + std::to_string(distance(right, rightAgain)))
            .c_str());
    // Nothing to be seen: a short vector.
    const auto nothing = at::full({ 1, 12, 48, 48, 3 }, 40, at::kByte);
    QVERIFY(encoder.encode(nothing).norm().item<double>() < 0.1);
}

QTEST_GUILESS_MAIN(TestEncoder)
#include "tst_encoder.moc"
