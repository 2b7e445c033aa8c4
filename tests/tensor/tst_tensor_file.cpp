#include "base/files.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>
#include <QTemporaryDir>
#include <QtTest>

#include <cstring>
#include <fstream>

using namespace clipscope;

namespace {

std::string bytesOf(const std::string& header, std::size_t dataSize)
{
    const std::uint64_t size = header.size();
    std::string bytes(sizeof size, '\0');
    std::memcpy(bytes.data(), &size, sizeof size);
    return bytes + header + std::string(dataSize, '\x01');
}

} // namespace

class TestTensorFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void everyTypeSurvivesBitForBit();
    void tensorsOutliveTheFileName();
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void everyCutIsRefused();
    void aMissingFileIsNotFound();
    void aFailedWriteLeavesTheOldFile();

private:
    std::filesystem::path path(const char* name) const
    {
        return pathFromUtf8(m_folder.filePath(name).toStdString());
    }
    QTemporaryDir m_folder;
};

void TestTensorFile::everyTypeSurvivesBitForBit()
{
    tensor::TensorFile file;
    for (const auto type : { at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
             at::kShort, at::kChar, at::kByte, at::kBool })
        file.tensors[std::string("t.") + c10::toString(type)]
            = at::arange(15).view({ 3, 5 }).to(type);
    file.tensors["transposed"] = at::rand({ 4, 3 }).t();
    file.tensors["scalar"] = at::scalar_tensor(2.5, at::kFloat);
    file.tensors["empty"] = at::empty({ 0, 4 });
    file.tensors["not a number"] = at::full({ 2 }, std::nan(""), at::kFloat);
    file.metadata = { { "clipscope.kind", "test" }, { "text", "quote \" and ü" } };
    QVERIFY_RESULT(tensor::writeSafetensors(path("all"), file));
    const auto back = tensor::readSafetensors(path("all"));
    QVERIFY_RESULT(back);
    QVERIFY(back->metadata == file.metadata);
    QCOMPARE(back->tensors.size(), file.tensors.size());
    for (const auto& [name, value] : file.tensors) {
        const at::Tensor& read = back->tensors.at(name);
        QCOMPARE(read.scalar_type(), value.scalar_type());
        QCOMPARE(read.sizes(), value.sizes());
        const at::Tensor plain = value.contiguous();
        QVERIFY2(plain.nbytes() == 0
                || std::memcmp(read.const_data_ptr(), plain.const_data_ptr(), plain.nbytes()) == 0,
            name.c_str());
    }
}

void TestTensorFile::tensorsOutliveTheFileName()
{
    tensor::TensorFile file;
    file.tensors["x"] = at::arange(1000);
    QVERIFY_RESULT(tensor::writeSafetensors(path("gone"), file));
    at::Tensor x;
    {
        const auto read = tensor::readSafetensors(path("gone"));
        QVERIFY_RESULT(read);
        x = read->tensors.at("x");
    }
    std::filesystem::remove(path("gone"));
    QVERIFY(x.equal(at::arange(1000)));
}

void TestTensorFile::brokenFilesAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("kind");
    const auto row
        = [](const char* name, const std::string& bytes, ErrorKind kind = ErrorKind::BadInput) {
              QTest::newRow(name) << QByteArray::fromStdString(bytes) << static_cast<int>(kind);
          };
    const auto one
        = [](const std::string& type, const std::string& shape, const std::string& offsets) {
              return R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)"
                  + offsets + "}}";
          };
    row("empty", "");
    row("header longer than the file", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
    row("not JSON", bytesOf("{\"a\":", 0));
    row("a list", bytesOf("[1]", 0));
    row("no shape", bytesOf(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4));
    row("unknown type", bytesOf(one("F8_E4M3", "[4]", "[0,4]"), 4), ErrorKind::Unsupported);
    row("size does not fit", bytesOf(one("F32", "[2]", "[0,4]"), 4));
    row("negative size", bytesOf(one("F32", "[-1]", "[0,4]"), 4));
    row("overflowing shape", bytesOf(one("F32", "[281474976710656,281474976710656]", "[0,4]"), 4));
    row("reversed offsets", bytesOf(one("F32", "[1]", "[4,0]"), 4));
    row("beyond the end", bytesOf(one("F32", "[2]", "[0,8]"), 4));
    row("data behind the end", bytesOf(one("F32", "[1]", "[0,4]"), 8));
    row("hole in front", bytesOf(one("F32", "[1]", "[4,8]"), 8));
    row("hidden overflow", bytesOf(one("F32", "[0,281474976710656,281474976710656]", "[0,0]"), 0));
    row("too many dimensions",
        bytesOf(one("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]"), 1));
    row("one name twice",
        bytesOf(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
            2));
    row("three offsets", bytesOf(one("U8", "[1]", "[0,1,1]"), 1));
    row("offsets in quotes", bytesOf(one("U8", "[1]", R"(["0","1"])"), 1));
    row("something unknown",
        bytesOf(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":[]}})", 1));
    row("nested metadata", bytesOf(R"({"__metadata__":{"x":{}}})", 0));
    row("deep", bytesOf(std::string(1 << 20, '['), 0));
    row("invalid UTF-8", bytesOf("{\"\xff\":{}}", 0));
    row("overlap",
        bytesOf(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
            6));
}

void TestTensorFile::brokenFilesAreRefused()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, kind);
    QVERIFY_RESULT(writeFileAtomically(path("broken"), bytes.toStdString()));
    const auto read = tensor::readSafetensors(path("broken"));
    QVERIFY_ERROR(read, static_cast<ErrorKind>(kind));
    QCOMPARE(read.error().place.file, path("broken"));
    QVERIFY(!read.error().place.where.empty());
}

void TestTensorFile::everyCutIsRefused()
{
    tensor::TensorFile file;
    file.tensors["a"] = at::ones({ 2, 2 });
    file.tensors["b"] = at::ones({ 3 }, at::kHalf);
    file.metadata["k"] = "v";
    QVERIFY_RESULT(tensor::writeSafetensors(path("whole"), file));
    const auto whole = readFile(path("whole"));
    QVERIFY_RESULT(whole);
    for (std::size_t size = 0; size < whole->size(); ++size) {
        std::ofstream(path("cut"), std::ios::binary) << whole->substr(0, size);
        QVERIFY_ERROR(tensor::readSafetensors(path("cut")), ErrorKind::BadInput);
    }
}

void TestTensorFile::aMissingFileIsNotFound()
{
    QVERIFY_ERROR(tensor::readSafetensors(path("none")), ErrorKind::NotFound);
}

void TestTensorFile::aFailedWriteLeavesTheOldFile()
{
    tensor::TensorFile file;
    file.tensors["x"] = at::ones({ 3 });
    QVERIFY_RESULT(tensor::writeSafetensors(path("kept"), file));
    file.tensors["complex"] = at::zeros({ 2 }, at::kComplexFloat);
    QVERIFY_ERROR(tensor::writeSafetensors(path("kept"), file), ErrorKind::Unsupported);
    const auto back = tensor::readSafetensors(path("kept"));
    QVERIFY_RESULT(back);
    QCOMPARE(back->tensors.size(), 1u);
}

QTEST_GUILESS_MAIN(TestTensorFile)
#include "tst_tensor_file.moc"
