#include "support/verify.h"
#include "tensor/device.h"

#include <ATen/ATen.h>
#include <QtTest>

using namespace clipscope;

class TestDevice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void theProcessorIsAlwaysThere();
    void autoTakesBFloat16OnlyWhereItIsFast();
    void aMissingGraphicsCardIsSaid();
    void autocastEndsWithItsScope();
    void theRandomStateComesBack();
};

void TestDevice::theProcessorIsAlwaysThere()
{
    const auto compute
        = tensor::resolveCompute(tensor::DeviceWish::Cpu, tensor::PrecisionWish::Float32);
    QVERIFY_RESULT(compute);
    QVERIFY(compute->device.is_cpu());
    QCOMPARE(compute->toString(), std::string("CPU, float32"));
}

void TestDevice::autoTakesBFloat16OnlyWhereItIsFast()
{
    const auto compute
        = tensor::resolveCompute(tensor::DeviceWish::Cpu, tensor::PrecisionWish::Auto);
    QVERIFY_RESULT(compute);
    QCOMPARE(compute->precision == at::kBFloat16, tensor::cpuHasFastBFloat16());
}

void TestDevice::aMissingGraphicsCardIsSaid()
{
    if (at::hasCUDA())
        QSKIP("this machine has a graphics card");
    const auto compute
        = tensor::resolveCompute(tensor::DeviceWish::Cuda, tensor::PrecisionWish::Auto);
    QVERIFY_ERROR(compute, ErrorKind::Unsupported);
    QVERIFY(!compute.error().hint.empty());
}

void TestDevice::autocastEndsWithItsScope()
{
    const at::Tensor a = at::ones({ 4, 4 });
    {
        const tensor::AutocastScope scope({ .precision = at::kBFloat16 });
        QCOMPARE(at::mm(a, a).scalar_type(), at::kBFloat16);
    }
    QCOMPARE(at::mm(a, a).scalar_type(), at::kFloat);
    const tensor::AutocastScope nothing({ .precision = at::kFloat });
    QCOMPARE(at::mm(a, a).scalar_type(), at::kFloat);
}

void TestDevice::theRandomStateComesBack()
{
    tensor::seedRandom(11);
    const at::Tensor state = tensor::randomState(at::kCPU);
    const at::Tensor first = at::rand({ 5 });
    QVERIFY_RESULT(tensor::setRandomState(at::kCPU, state));
    QVERIFY(at::rand({ 5 }).equal(first));
    QVERIFY_ERROR(
        tensor::setRandomState(at::kCPU, at::zeros({ 3 }, at::kByte)), ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestDevice)
#include "tst_device.moc"
