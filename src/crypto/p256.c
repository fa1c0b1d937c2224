/* SPDX-License-Identifier: MIT */
#include "crypto/p256.h"

#include <assert.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/random.h"

#define CURVE "NIST P-256"
#define COORDINATE_LEN ((size_t)32)

enum form { FORM_EVEN = 2, FORM_ODD = 3, FORM_WHOLE = 4 };

/* What libgcrypt works with. It wipes all three when they are freed. */
struct number {
	gcry_mpi_t mpi;
};

static void number_release(struct number *number)
{
	gcry_mpi_release(number->mpi);
}

struct point {
	gcry_mpi_point_t point;
};

static void point_release(struct point *point)
{
	gcry_mpi_point_release(point->point);
}

struct curve {
	gcry_ctx_t context;
};

static void curve_release(struct curve *curve)
{
	gcry_ctx_release(curve->context);
}

#define NUMBER_NEW ((struct number){ gcry_mpi_new(0) })

static bool open_curve(struct curve *ret_curve)
{
	return gcry_mpi_ec_new(&ret_curve->context, NULL, CURVE) == 0;
}

static bool scan(const uint8_t bytes[COORDINATE_LEN], struct number *ret_number)
{
	return gcry_mpi_scan(&ret_number->mpi, GCRYMPI_FMT_USG, bytes, COORDINATE_LEN, NULL) == 0;
}

/* With zeros before it. */
static void print(gcry_mpi_t number, uint8_t ret_bytes[COORDINATE_LEN])
{
	uint8_t bytes[COORDINATE_LEN];
	size_t len = 0;
	const bool fits = gcry_mpi_print(GCRYMPI_FMT_USG, bytes, sizeof(bytes), &len, number) == 0;

	assert(fits);
	memset(ret_bytes, 0, COORDINATE_LEN - len);
	memcpy(ret_bytes + COORDINATE_LEN - len, bytes, len);
	secret_wipe(bytes, sizeof(bytes));
}

/* y of y² = x³ - 3x + b, as odd as said. p is 3 modulo 4, hence the root is a power. */
static bool find_y(gcry_ctx_t curve, gcry_mpi_t x, bool is_odd, gcry_mpi_t ret_y)
{
	AUTO(number) p = { gcry_mpi_ec_get_mpi("p", curve, 1) };
	AUTO(number) b = { gcry_mpi_ec_get_mpi("b", curve, 1) };
	AUTO(number) square = NUMBER_NEW;
	AUTO(number) exponent = NUMBER_NEW;

	if (!p.mpi || !b.mpi || gcry_mpi_cmp(x, p.mpi) >= 0)
		return false;
	gcry_mpi_mulm(square.mpi, x, x, p.mpi);
	gcry_mpi_sub_ui(square.mpi, square.mpi, 3);
	gcry_mpi_mulm(square.mpi, square.mpi, x, p.mpi);
	gcry_mpi_addm(square.mpi, square.mpi, b.mpi, p.mpi);
	gcry_mpi_add_ui(exponent.mpi, p.mpi, 1);
	gcry_mpi_rshift(exponent.mpi, exponent.mpi, 2);
	gcry_mpi_powm(ret_y, square.mpi, exponent.mpi, p.mpi);
	if ((gcry_mpi_test_bit(ret_y, 0) != 0) != is_odd)
		gcry_mpi_sub(ret_y, p.mpi, ret_y);
	/* not every number has a root */
	gcry_mpi_mulm(exponent.mpi, ret_y, ret_y, p.mpi);
	return gcry_mpi_cmp(exponent.mpi, square.mpi) == 0;
}

bool p256_decompress(const uint8_t compressed[P256_COMPRESSED_LEN],
		     uint8_t ret_point[P256_POINT_LEN])
{
	AUTO(curve) curve = { NULL };
	AUTO(number) x = { NULL };
	AUTO(number) y = NUMBER_NEW;

	if ((compressed[0] != FORM_EVEN && compressed[0] != FORM_ODD) || !open_curve(&curve) ||
	    !scan(compressed + 1, &x) ||
	    !find_y(curve.context, x.mpi, compressed[0] == FORM_ODD, y.mpi))
		return false;
	ret_point[0] = FORM_WHOLE;
	memcpy(ret_point + 1, compressed + 1, COORDINATE_LEN);
	print(y.mpi, ret_point + 1 + COORDINATE_LEN);
	return true;
}

/* scalar times point; what is done does not depend on the scalar's bits. */
static int multiply(const struct key32 *scalar, gcry_ctx_t curve, gcry_mpi_point_t point,
		    uint8_t ret_x[COORDINATE_LEN], uint8_t ret_y[COORDINATE_LEN], struct error *err)
{
	AUTO(point) product = { gcry_mpi_point_new(0) };
	AUTO(number) factor = { NULL };
	AUTO(number) x = NUMBER_NEW;
	AUTO(number) y = NUMBER_NEW;

	if (!scan(scalar->data, &factor))
		return error_memory(err);
	gcry_mpi_set_flag(factor.mpi, GCRYMPI_FLAG_SECURE);
	gcry_mpi_ec_mul(product.point, factor.mpi, point, curve);
	if (gcry_mpi_ec_get_affine(x.mpi, y.mpi, product.point, curve))
		return error_set(err, ERROR_BUG, "a product that is no point of P-256");
	print(x.mpi, ret_x);
	print(y.mpi, ret_y);
	return 0;
}

void p256_scalar(struct key32 *ret_scalar)
{
	AUTO(curve) curve = { NULL };
	AUTO(number) order = { NULL };
	bool fits = false;

	if (open_curve(&curve))
		order.mpi = gcry_mpi_ec_get_mpi("n", curve.context, 1);
	assert(order.mpi);
	while (!fits) {
		AUTO(number) scalar = { NULL };

		random_bytes(ret_scalar->data, sizeof(ret_scalar->data));
		fits = scan(ret_scalar->data, &scalar) && gcry_mpi_cmp_ui(scalar.mpi, 0) > 0 &&
		       gcry_mpi_cmp(scalar.mpi, order.mpi) < 0;
	}
}

int p256_public(const struct key32 *scalar, uint8_t ret_point[P256_POINT_LEN], struct error *err)
{
	AUTO(curve) curve = { NULL };
	AUTO(point) base = { NULL };

	if (!open_curve(&curve))
		return error_memory(err);
	base.point = gcry_mpi_ec_get_point("g", curve.context, 1);
	if (!base.point)
		return error_memory(err);
	ret_point[0] = FORM_WHOLE;
	return multiply(scalar, curve.context, base.point, ret_point + 1,
			ret_point + 1 + COORDINATE_LEN, err);
}

int p256(const struct key32 *scalar, const uint8_t point[P256_POINT_LEN], struct key32 *ret_shared,
	 struct error *err)
{
	AUTO(curve) curve = { NULL };
	AUTO(number) x = { NULL };
	AUTO(number) y = { NULL };
	AUTO(point) other = { NULL };
	AUTO(key32) rest = KEY32_INIT;

	if (!open_curve(&curve) || !scan(point + 1, &x) || !scan(point + 1 + COORDINATE_LEN, &y))
		return error_memory(err);
	other.point = gcry_mpi_point_set(NULL, x.mpi, y.mpi, GCRYMPI_CONST_ONE);
	return multiply(scalar, curve.context, other.point, ret_shared->data, rest.data, err);
}
