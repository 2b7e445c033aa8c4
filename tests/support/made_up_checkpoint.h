#pragma once

#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <cstring>
#include <string>
#include <vector>

namespace clipscope::test {

/// What stands around the state dict: nothing, or the dict of fairseq with "args" and "model".
enum class Wrapping { Bare, Fairseq };

/// Writes files as torch.save() does, opcode by opcode: dense contiguous tensors of float64,
/// float32, float16 and int64, each in a storage of its own. What the reference's own files look
/// like is in the fixtures; this makes files of any size and any fault.
class CheckpointMaker final
{
public:
    CheckpointMaker(const tensor::TensorFile& file, Wrapping wrapping)
    {
        if (wrapping == Wrapping::Fairseq)
            m_state += "}(" + text("args") + "cargparse\nNamespace\n)\x81}" + text("arch")
                + text("mmarch") + "sb" + text("model");
        m_state += "ccollections\nOrderedDict\n)R(";
        for (const auto& [name, value] : file.tensors)
            m_state += text(name) + tensorCode(value.contiguous());
        m_state += wrapping == Wrapping::Fairseq ? "uu" : "u";
    }

    /// The stream that PyTorch wrote before version 1.6.
    std::string stream() const
    {
        std::string out(
            "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.", 25);
        out += std::string("\x80\x02") + m_state + ".\x80\x02](";
        for (std::size_t i = 0; i < m_storages.size(); ++i)
            out += text(std::to_string(i));
        out += "e.";
        for (const at::Tensor& storage : m_storages)
            out += raw(storage.numel()) + bytesOf(storage);
        return out;
    }

    /// A zip archive with stored entries, each with its data at a multiple of 64.
    std::string zip() const
    {
        std::string out, directory;
        add(out, directory, "archive/data.pkl", std::string("\x80\x02") + m_state + ".");
        for (std::size_t i = 0; i < m_storages.size(); ++i)
            add(out, directory, std::string("archive/data/") + std::to_string(i),
                bytesOf(m_storages[i]));
        add(out, directory, "archive/version", "3\n");
        const auto count = static_cast<std::uint16_t>(m_storages.size() + 2);
        const auto begin = static_cast<std::uint32_t>(out.size());
        const auto size = static_cast<std::uint32_t>(directory.size());
        return out + directory + std::string("PK\x05\x06") + std::string(4, '\0') + raw(count)
            + raw(count) + raw(size) + raw(begin) + std::string(2, '\0');
    }

private:
    template<typename Number> static std::string raw(Number number)
    {
        std::string bytes(sizeof number, '\0');
        std::memcpy(bytes.data(), &number, sizeof number);
        return bytes;
    }
    static std::string text(const std::string& word)
    {
        return std::string("X") + raw(static_cast<std::uint32_t>(word.size())) + word;
    }
    static std::string integer(std::int64_t number)
    {
        return std::string("J") + raw(static_cast<std::int32_t>(number));
    }
    static std::string tuple(at::IntArrayRef numbers)
    {
        std::string code = "(";
        for (const std::int64_t number : numbers)
            code += integer(number);
        return code + "t";
    }
    static std::string bytesOf(const at::Tensor& storage)
    {
        return std::string(static_cast<const char*>(storage.const_data_ptr()), storage.nbytes());
    }
    std::string tensorCode(const at::Tensor& value)
    {
        const std::string type = value.scalar_type() == at::kDouble ? "Double"
            : value.scalar_type() == at::kHalf                      ? "Half"
            : value.scalar_type() == at::kLong                      ? "Long"
                                                                    : "Float";
        const std::string key = std::to_string(m_storages.size());
        m_storages.push_back(value);
        return std::string("ctorch._utils\n_rebuild_tensor_v2\n((") + text("storage") + "ctorch\n"
            + type + "Storage\n" + text(key) + text("cpu") + integer(value.numel()) + "tQ"
            + integer(0) + tuple(value.sizes()) + tuple(value.strides())
            + "\x89"
              "ccollections\nOrderedDict\n)RtR";
    }
    static void add(
        std::string& out, std::string& directory, const std::string& name, const std::string& data)
    {
        const auto at = static_cast<std::uint32_t>(out.size());
        const std::size_t fixed = 30 + name.size();
        const auto padding = static_cast<std::uint16_t>((64 - (at + fixed) % 64) % 64);
        const std::string sizes = raw(static_cast<std::uint32_t>(data.size()))
            + raw(static_cast<std::uint32_t>(data.size()));
        const std::string nameSize = raw(static_cast<std::uint16_t>(name.size()));
        out += std::string("PK\x03\x04") + std::string(14, '\0') + sizes + nameSize + raw(padding)
            + name + std::string(padding, '\0') + data;
        directory += std::string("PK\x01\x02") + std::string(16, '\0') + sizes + nameSize
            + std::string(12, '\0') + raw(at) + name;
    }

    std::string m_state;
    std::vector<at::Tensor> m_storages;
};

} // namespace clipscope::test
