#define BOOST_TEST_MODULE ocelot
#include <boost/test/unit_test.hpp>
