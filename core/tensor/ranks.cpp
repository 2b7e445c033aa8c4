#include "tensor/ranks.h"

#include "base/guarded.h"
#include "base/require.h"
#include "tensor/nccl_plugin.h"

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace clipscope::tensor {

namespace {

constexpr int portsOfJobs = 29500; // torchrun's own default, and above for Slurm's jobs

std::optional<std::string> variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Result<int> numberIn(const char* name, int low, int high)
{
    const std::string text = variable(name).value_or("");
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
        return fail(ErrorKind::BadInput,
            std::string("The environment variable ") + name + " is \"" + text
                + "\", not a number from " + std::to_string(low) + " to " + std::to_string(high)
                + ".",
            {}, "torchrun and srun set it.");
    return value;
}

constexpr int mostRanks = 1 << 20;

Result<RanksConfig> torchrunConfig()
{
    RanksConfig config;
    CLIP_TRY_ASSIGN(config.size, numberIn("WORLD_SIZE", 1, mostRanks));
    CLIP_TRY_ASSIGN(config.rank, numberIn("RANK", 0, config.size - 1));
    if (variable("LOCAL_RANK")) {
        CLIP_TRY_ASSIGN(config.localRank, numberIn("LOCAL_RANK", 0, config.size - 1));
    }
    if (config.size == 1)
        return config;
    CLIP_TRY_ASSIGN(config.port, numberIn("MASTER_PORT", 1, 65535));
    config.address = variable("MASTER_ADDR").value_or("");
    if (config.address.empty())
        return fail(ErrorKind::BadInput,
            "The environment variable MASTER_ADDR does not say where rank 0 runs.");
    // torchrun's agent has the port open already and lets its workers use its store.
    config.hostsStore = config.rank == 0 && variable("TORCHELASTIC_USE_AGENT_STORE") != "True";
    return config;
}

Result<RanksConfig> slurmConfig()
{
    RanksConfig config;
    CLIP_TRY_ASSIGN(config.size, numberIn("SLURM_NTASKS", 1, mostRanks));
    if (config.size == 1)
        return config;
    CLIP_TRY_ASSIGN(config.rank, numberIn("SLURM_PROCID", 0, config.size - 1));
    if (variable("SLURM_LOCALID")) {
        CLIP_TRY_ASSIGN(config.localRank, numberIn("SLURM_LOCALID", 0, config.size - 1));
    }
    config.address = variable("MASTER_ADDR")
                         .value_or(variable("SLURM_LAUNCH_NODE_IPADDR").value_or("127.0.0.1"));
    config.port = portsOfJobs;
    if (variable("MASTER_PORT")) {
        CLIP_TRY_ASSIGN(config.port, numberIn("MASTER_PORT", 1, 65535));
    } else if (variable("SLURM_JOB_ID")) {
        constexpr int most = 1 << 30, spread = 1000; // jobs of one machine take ports of their own
        CLIP_TRY_ASSIGN(const int job, numberIn("SLURM_JOB_ID", 0, most));
        config.port += job % spread;
    }
    config.hostsStore = config.rank == 0;
    return config;
}

/// Runs a call on the process group; its failure means that somebody is gone.
template<typename Call> Status together(const char* what, const Call& call)
{
    const auto done = guarded(call);
    if (done)
        return {};
    const std::string& text = done.error().message;
    return fail(ErrorKind::Io,
        std::string("Another rank ended or cannot be reached (") + what
            + "): " + text.substr(0, text.find('\n')),
        {}, "Look at the messages of the other ranks, then resume the run.");
}

} // namespace

Result<RanksConfig> ranksFromEnvironment()
{
    if (variable("WORLD_SIZE") || variable("RANK"))
        return torchrunConfig();
    // A shell within an allocation has SLURM_NTASKS, but no step of its own.
    if (variable("SLURM_PROCID") && variable("SLURM_STEP_ID"))
        return slurmConfig();
    return RanksConfig{};
}

struct Ranks::Impl
{
    RanksConfig config;
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<c10d::Backend> tensors; ///< for the device that computes
    c10::intrusive_ptr<c10d::Backend> numbers; ///< Gloo, for single values
};

class Ranks::Pending final
{
public:
    c10::intrusive_ptr<c10d::Work> work;
    std::vector<at::Tensor> values;
};

Ranks::Ranks() = default;
Ranks::Ranks(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
Ranks::Ranks(Ranks&&) noexcept = default;
Ranks& Ranks::operator=(Ranks&&) noexcept = default;
Ranks::~Ranks() = default;

int Ranks::rank() const
{
    return m_impl ? m_impl->config.rank : 0;
}
int Ranks::size() const
{
    return m_impl ? m_impl->config.size : 1;
}

namespace {

/// The address that this machine has on the way to rank 0, where the others reach it. LibTorch's
/// default is that of the host's name, which many systems say is 127.0.1.1. Empty without a way.
std::string ownAddressTowards(const RanksConfig& config)
{
    addrinfo wanted = {};
    wanted.ai_socktype = SOCK_DGRAM; // connecting sends nothing, it only chooses the way
    addrinfo* found = nullptr;
    if (::getaddrinfo(config.address.c_str(), std::to_string(config.port).c_str(), &wanted, &found)
        != 0)
        return {};
    std::string address;
    for (const addrinfo* at = found; at != nullptr && address.empty(); at = at->ai_next) {
        const int descriptor
            = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (descriptor < 0)
            continue;
        sockaddr_storage own = {};
        socklen_t size = sizeof own;
        char text[NI_MAXHOST];
        if (::connect(descriptor, at->ai_addr, at->ai_addrlen) == 0
            && ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) == 0
            && ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof text, nullptr, 0,
                   NI_NUMERICHOST)
                == 0)
            address = text;
        ::close(descriptor);
    }
    ::freeaddrinfo(found);
    return address;
}

/// As in PyTorch, GLOO_SOCKET_IFNAME names the interface where the way to rank 0 is not the one.
std::shared_ptr<gloo::transport::Device> deviceTowards(const RanksConfig& config)
{
    if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"); name != nullptr && *name != '\0')
        return c10d::ProcessGroupGloo::createDeviceForInterface(name);
    const std::string address = ownAddressTowards(config);
    return address.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                           : c10d::ProcessGroupGloo::createDeviceForHostname(address);
}

} // namespace

Result<Ranks> Ranks::join(const RanksConfig& config, at::Device device)
{
    if (config.size == 1)
        return Ranks();
    const std::string who = "rank " + std::to_string(config.rank) + " of "
        + std::to_string(config.size) + " at " + config.address + ":" + std::to_string(config.port);
    auto impl = std::make_unique<Impl>();
    impl->config = config;
    CLIP_TRY(together(who.c_str(), [&] {
        c10d::TCPStoreOptions options;
        options.port = static_cast<std::uint16_t>(config.port);
        options.isServer = config.hostsStore;
        options.numWorkers = static_cast<std::size_t>(config.size);
        options.timeout = std::chrono::seconds(config.joinSeconds);
        // Runs one behind the other may share torchrun's store.
        impl->store = c10::make_intrusive<c10d::TCPStore>(config.address, options);
        auto gloo = c10d::ProcessGroupGloo::Options::create();
        gloo->timeout = std::chrono::seconds(config.answerSeconds);
        gloo->devices.push_back(deviceTowards(config));
        impl->numbers = c10::make_intrusive<c10d::ProcessGroupGloo>(
            impl->store, config.rank, config.size, gloo);
        impl->tensors = impl->numbers;
    }));
    if (device.is_cuda()) {
        CLIP_TRY_ASSIGN(impl->tensors, makeNcclGroup(impl->store, config.rank, config.size));
    }
    return Ranks(std::move(impl));
}

Result<at::Tensor> Ranks::gathered(
    const at::Tensor& rows, const std::vector<std::int64_t>& counts) const
{
    const at::Tensor own = rows.detach().contiguous();
    if (!m_impl)
        return own;
    CLIP_REQUIRE(static_cast<int>(counts.size()) == size()
            && counts[static_cast<std::size_t>(rank())] == own.size(0),
        std::to_string(own.size(0)) + " rows");
    // A gather takes equal shares, so all are padded to the longest.
    std::vector<std::int64_t> shape = own.sizes().vec();
    shape[0] = *std::max_element(counts.begin(), counts.end());
    std::vector<at::Tensor> inputs{ at::zeros(shape, own.options()) };
    inputs[0].narrow(0, 0, own.size(0)).copy_(own);
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int from = 0; from < size(); ++from)
        outputs[0].push_back(at::empty(shape, own.options()));
    CLIP_TRY(together("gather", [&] { m_impl->tensors->allgather(outputs, inputs)->wait(); }));
    std::vector<at::Tensor> parts;
    for (std::size_t from = 0; from < counts.size(); ++from)
        parts.push_back(outputs[0][from].narrow(0, 0, counts[from]));
    return at::cat(parts);
}

Status Ranks::sum(at::Tensor& values) const
{
    if (!m_impl)
        return {};
    CLIP_TRY_ASSIGN(const auto pending, startSum(values));
    return wait(*pending);
}

Result<std::int64_t> Ranks::greatest(std::int64_t value) const
{
    if (!m_impl)
        return value;
    std::vector<at::Tensor> values{ at::full({ 1 }, value, at::kLong) };
    c10d::AllreduceOptions options;
    options.reduceOp = c10d::ReduceOp::MAX;
    CLIP_TRY(together("agreement", [&] { m_impl->numbers->allreduce(values, options)->wait(); }));
    return values[0].item<std::int64_t>();
}

Result<std::string> Ranks::ofFirst(const std::string& text) const
{
    if (!m_impl)
        return text;
    CLIP_TRY_ASSIGN(const std::int64_t length,
        greatest(isFirst() ? static_cast<std::int64_t>(text.size()) : 0));
    std::vector<at::Tensor> bytes{ at::zeros({ std::max<std::int64_t>(length, 1) }, at::kByte) };
    if (isFirst())
        std::memcpy(bytes[0].data_ptr(), text.data(), text.size());
    CLIP_TRY(together("agreement", [&] { m_impl->numbers->broadcast(bytes)->wait(); }));
    return std::string(
        static_cast<const char*>(bytes[0].const_data_ptr()), static_cast<std::size_t>(length));
}

Result<std::shared_ptr<Ranks::Pending>> Ranks::startSum(at::Tensor values) const
{
    auto pending = std::make_shared<Pending>();
    pending->values.push_back(std::move(values));
    if (m_impl)
        CLIP_TRY(
            together("sum", [&] { pending->work = m_impl->tensors->allreduce(pending->values); }));
    return pending;
}

Status Ranks::wait(Pending& pending)
{
    return pending.work ? together("sum", [&] { pending.work->wait(); }) : Status();
}

} // namespace clipscope::tensor
