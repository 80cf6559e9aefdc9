#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/engines/containerd.hpp"
#include "tests/support/check.hpp"
#include "tests/support/mend_cgroup_mount.hpp"

// `ctr task checkpoint`, `ctr containers checkpoint|restore`: only where criu knows the kernel,
// which is in a guest (tests/vm).

namespace ocelot::test {

namespace fs = std::filesystem;

struct ContainerdCheckpointCase : ContainerdCase {
  ContainerdCheckpointCase() {
    fs::create_directory(host);
    for (const char* name : {"/questions", "/answers"})
      checked(::mkfifo((host + name).c_str(), 0600), "mkfifo");
  }
  ~ContainerdCheckpointCase() { fs::remove_all(host); }

  // Answers each question with it and how many there were, which is in its memory alone.
  void start(With with) const {
    containerd.start(with, {"--mount", "type=bind,src=" + host + ",dst=/host,options=rbind:rw"},
                     "echo up; i=0; while :; do i=$((i+1)); read -r line </host/questions; "
                     "echo \"$line $i\" >/host/answers; done");
  }
  std::string answer(const std::string& question) const {
    return run({"sh", "-c", "echo \"$1\" >questions; cat answers", "sh", question}, {.cwd = host})
        .out;
  }
  void must(const std::vector<std::string>& words) const {
    const Output output = containerd.call(words, {.timeout = std::chrono::seconds{100}});
    BOOST_REQUIRE_MESSAGE(output.status == 0, output.err);
  }

  // The task runs on after a checkpoint, and ends with one when that is asked for.
  void check_dumps(With with) const {
    start(with);
    BOOST_TEST(answer("a") == "a 1\n");
    const std::string images = containerd.sandbox() / "images";
    must({"task", "checkpoint", "--image-path", images, "c"});
    BOOST_TEST(fs::exists(images + "/core-1.img"));
    BOOST_TEST(containerd.status() == "RUNNING");
    BOOST_TEST(answer("b") == "b 2\n");

    fs::remove_all(images);
    must({"task", "checkpoint", "--exit", "--image-path", images, "c"});
    containerd.wait_until_stopped();
    BOOST_TEST(fs::exists(images + "/core-1.img"));
    containerd.call({"task", "rm", "c"});
    containerd.must({"containers", "rm", "c"});
    fs::remove_all(images);
  }

  void check_restore(With with) const {
    const std::string image = "localhost/checkpoint:1";
    start(with);
    BOOST_TEST(answer("a") == "a 1\n");
    must({"containers", "checkpoint", "--task", "--image", "--rw", "c", image});
    containerd.end();

    must({"containers", "restore", "--rw", "--live", "c", image});
    BOOST_TEST(containerd.status() == "RUNNING");
    BOOST_TEST(read_file(Containerd::bundle() + "/runtime") == Containerd::binary(with));
    BOOST_TEST(answer("b") == "b 2\n");
    containerd.end();
    containerd.must({"images", "rm", image});
  }

  const std::string host = containerd.sandbox() / "host";
};

BOOST_FIXTURE_TEST_SUITE(containerd_checkpoint, ContainerdCheckpointCase)

BOOST_AUTO_TEST_CASE(a_task_is_dumped) {
  check_dumps(With::Ocelot);
}

BOOST_AUTO_TEST_CASE(a_container_is_restored_where_it_was) {
  check_restore(With::Ocelot);
}

BOOST_AUTO_TEST_CASE(runc_does_the_same) {
  check_dumps(With::Runc);
  check_restore(With::Runc);
  mend_cgroup_mount();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace ocelot::test
